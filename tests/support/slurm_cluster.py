# SPDX-License-Identifier: Apache-2.0
"""A Slurm cluster of one node, for tests: munged, slurmctld and slurmd with files of their own.

    with slurm_cluster.SlurmCluster(cpus=2) as cluster:
        subprocess.run(["sbatch", ...], env=cluster.environment)

Needs the packages slurm-wlm and munge, no systemd, no cgroups, nothing below /etc. As root the jobs
run as root; as anybody else they run as that user. Everything lies in a folder below /tmp, which is
gone afterwards, like every process. A cluster that does not come up raises RuntimeError with the
ends of the daemons' logs.
"""
import os
import pathlib
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time

DAEMONS = ("munged", "slurmctld", "slurmd")
CLIENTS = ("sbatch", "squeue", "scontrol", "scancel", "sinfo")

# The short times make the cluster quick: a requeued job starts again once its credential has
# expired (5 s is the least), an idle scheduler looks every second.
CONFIGURATION = """\
ClusterName=skipsim-test
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
SlurmctldPort={controller_port}
SlurmdPort={node_port}
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket,cred_expire=5
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0,bf_interval=1
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
JobCompType=jobcomp/none
MailProg=/bin/true
JobRequeue=1
KillWait=1
MinJobAge={min_job_age_s}
MaxArraySize={max_array_size}
MessageTimeout=10
ReturnToService=2
SlurmdParameters=config_overrides
PropagateResourceLimits=NONE
NodeName={host} NodeHostname={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory=1024 State=UNKNOWN
PartitionName=test Nodes={host} Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO
"""


def missing_programs():
    return [name for name in DAEMONS + CLIENTS if shutil.which(name, path=search_path()) is None]


def search_path():
    """Debian puts the daemons where ordinary users do not look."""
    return os.environ.get("PATH", "/usr/bin:/bin") + ":/usr/sbin:/sbin"


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def wait_for(is_true, seconds, step=0.05):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if is_true():
            return True
        time.sleep(step)
    return is_true()


class SlurmCluster:
    def __init__(self, cpus=2, max_array_size=1001, min_job_age_s=60):
        self.cpus = cpus
        self.max_array_size = max_array_size
        self.min_job_age_s = min_job_age_s
        self.folder = None
        self.processes = {}
        self.environment = None

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="skipsim-slurm-", dir="/tmp"))
        try:
            self.folder.chmod(0o755)
            self._write_files()
            self._start()
        except BaseException as error:
            logs = self.logs()
            self.stop()
            if isinstance(error, (RuntimeError, OSError)):
                raise RuntimeError(f"slurm does not come up: {error}\n{logs}") from error
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def call(self, *words, check=True):
        """A Slurm command; its standard output."""
        done = subprocess.run(list(map(str, words)), env=self.environment, text=True, timeout=60,
                              stdin=subprocess.DEVNULL, capture_output=True)
        if check and done.returncode != 0:
            raise RuntimeError(f"{' '.join(map(str, words))}: {done.stderr.strip()}")
        return done.stdout

    def logs(self, lines=15):
        text = ""
        for file in sorted(self.folder.glob("*.log")):
            tail = file.read_text(errors="replace").splitlines()[-lines:]
            text += f"--- {file.name}\n" + "".join(line + "\n" for line in tail)
        return text

    def stop_controller(self):
        self._end(self.processes.pop("slurmctld"), signal.SIGTERM)

    def start_controller(self):
        self._launch("slurmctld", ["slurmctld", "-D"])
        if not wait_for(self._controller_answers, 20):
            raise RuntimeError(f"slurmctld does not come back\n{self.logs()}")

    def stop(self):
        """Ends every process of the cluster, jobs too, and removes its folder."""
        if "slurmctld" in self.processes:
            try:
                self.call("scancel", "--full", f"--user={os.geteuid()}", check=False)
            except (OSError, subprocess.SubprocessError):
                pass
        for name in reversed(DAEMONS):
            if name in self.processes:
                self._end(self.processes.pop(name), signal.SIGTERM)
        for _ in range(3):  # a step daemon may start one more process while it is ended
            for number in self.strays():
                try:
                    os.kill(number, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            time.sleep(0.05)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _write_files(self):
        host = socket.gethostname().split(".")[0]
        ports = free_ports(2)
        for name in ("munge", "state", "spool"):
            (self.folder / name).mkdir(mode=0o755)
        (self.folder / "slurm.conf").write_text(CONFIGURATION.format(
            host=host, user=pwd.getpwuid(os.geteuid()).pw_name, folder=self.folder, cpus=self.cpus,
            controller_port=ports[0], node_port=ports[1], max_array_size=self.max_array_size,
            min_job_age_s=self.min_job_age_s), encoding="utf-8")
        key = self.folder / "munge/key"
        key.write_bytes(secrets.token_bytes(128))
        key.chmod(0o600)
        self.environment = dict(os.environ, SLURM_CONF=str(self.folder / "slurm.conf"),
                                PATH=search_path())

    def _start(self):
        absent = missing_programs()
        if absent:
            raise RuntimeError(f"not installed: {', '.join(absent)} (packages slurm-wlm and munge)")
        munge = self.folder / "munge"
        # munged trusts files of its own user only.
        user = {}
        if os.geteuid() == 0 and "munge" in (entry.pw_name for entry in pwd.getpwall()):
            entry = pwd.getpwnam("munge")
            user = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
            for path in (munge, munge / "key"):
                os.chown(path, entry.pw_uid, entry.pw_gid)
        self._launch("munged", ["munged", "--foreground", "--force", f"--socket={munge}/socket",
                                f"--key-file={munge}/key", f"--pid-file={munge}/pid",
                                f"--seed-file={munge}/seed"], **user)
        self._await("munged", (munge / "socket").exists, 10)
        self._launch("slurmctld", ["slurmctld", "-D", "-c"])
        self._await("slurmctld", self._controller_answers, 20)
        self._launch("slurmd", ["slurmd", "-D", "-N", socket.gethostname().split(".")[0]])
        self._await("slurmd", self._node_is_idle, 30)

    def _launch(self, name, words, **options):
        with open(self.folder / f"{name}.log", "ab") as log:
            self.processes[name] = subprocess.Popen(
                words, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, **options)

    def _await(self, name, is_up, seconds):
        def is_settled():
            return self.processes[name].poll() is not None or is_up()

        wait_for(is_settled, seconds)
        status = self.processes[name].poll()
        if status is not None:
            raise RuntimeError(f"{name} ended with status {status}")
        if not is_up():
            raise RuntimeError(f"{name} is not ready after {seconds} s")

    def _controller_answers(self):
        return "is UP" in self.call("scontrol", "ping", check=False)

    def _node_is_idle(self):
        return self.call("sinfo", "--noheader", "--format=%T", check=False).strip() == "idle"

    @staticmethod
    def _end(process, number):
        process.send_signal(number)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def strays(self):
        """Processes that carry this cluster's configuration in their environment."""
        mark = f"SLURM_CONF={self.folder}/slurm.conf".encode()
        for entry in pathlib.Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                try:
                    variables = (entry / "environ").read_bytes().split(b"\0")
                except OSError:
                    continue
                if mark in variables:
                    yield int(entry.name)
