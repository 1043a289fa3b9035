# SPDX-License-Identifier: Apache-2.0
"""A cluster's weight buffer: tiles, their bursts, the ports and banks that serve them."""
from ..chip import divide_up
from .timeline import BUFFERS, EDGE

_LAST = (1,)  # bursts start when all requests of the cycle have been taken


class _Tile:
    def __init__(self, size):
        self.bytes, self.is_present, self.asked = size, False, []
        self.waiting, self.last_asked = 0, 0  # requests not served


class _Burst:
    def __init__(self, tile, number, bank):
        self.tile, self.number, self.bank, self.askers = tile, number, bank, []


class _Request:
    def __init__(self, tile, bursts, served):
        self.tile, self.left, self.served = tile, bursts, served


class WeightBuffer:
    """fetch(bytes, then): brings a tile's bytes to the fill bus. counts: Counter of actions."""

    def __init__(self, timeline, chip, fetch, counts):
        self._timeline, self._chip = timeline, chip
        self._fetch, self._counts = fetch, counts
        self._tiles, self._queue, self._requests, self._arrived = {}, [], 0, []
        self._ports = [0] * chip.cluster_ports  # cycle from which it is free
        self._banks = [0] * chip.cluster_banks
        self._fill_bus = 0

    def request(self, core, name, size, served):
        """served() is called in the cycle in which the last burst has been sent. Requests of a
        cycle are taken in the order of cores."""
        self._arrived.append((core, name, size, served))
        self._timeline.soon(BUFFERS, self._take_all)

    def _take_all(self):
        arrived, self._arrived = sorted(self._arrived, key=lambda request: request[0]), []
        for _, name, size, served in arrived:
            self._take(name, size, served)

    def _take(self, name, size, served):
        self._requests += 1
        is_new = name not in self._tiles
        if is_new:
            self._make_room(size)
            self._tiles[name] = _Tile(size)
        tile = self._tiles[name]
        tile.last_asked = self._requests
        tile.waiting += 1
        request = _Request(tile, self._bursts(tile), served)
        if tile.is_present:
            self._enqueue(tile, request)
            return
        tile.asked.append(request)
        if is_new:
            self._fetch(size, lambda: self._fill(tile))

    def _bursts(self, tile):
        return max(1, divide_up(tile.bytes, self._chip.burst_bytes))

    def _make_room(self, size):
        limit = self._chip.cluster_bytes
        while limit is not None and size + sum(t.bytes for t in self._tiles.values()) > limit:
            idle = [name for name, tile in self._tiles.items() if tile.waiting == 0]
            del self._tiles[min(idle, key=lambda name: self._tiles[name].last_asked)]

    def _fill(self, tile):
        self._counts["cluster_buffer.write"] += divide_up(tile.bytes, 8)
        self._fill_bus = max(self._timeline.now, self._fill_bus) + divide_up(
            tile.bytes, self._chip.cluster_fill_bytes)
        self._timeline.at(self._fill_bus, BUFFERS, lambda: self._filled(tile))

    def _filled(self, tile):
        tile.is_present = True
        for request in tile.asked:
            self._enqueue(tile, request)
        tile.asked = []

    def _enqueue(self, tile, request):
        queued = {burst.number: burst for burst in self._queue if burst.tile is tile}
        for number in range(self._bursts(tile)):
            if number not in queued:
                queued[number] = _Burst(tile, number, number % self._chip.cluster_banks)
                self._queue.append(queued[number])
            queued[number].askers.append(request)
        self._timeline.soon(BUFFERS, self._start, _LAST)

    def _start(self):
        now = self._timeline.now
        for port, free_from in enumerate(self._ports):
            burst = next((b for b in self._queue if self._banks[b.bank] <= now), None)
            if free_from > now or burst is None:
                continue
            self._queue.remove(burst)
            self._counts["cluster_buffer.read"] += divide_up(self._chip.burst_bytes, 8)
            end = now + max(1, divide_up(self._chip.burst_bytes, self._chip.weight_bytes))
            self._ports[port] = self._banks[burst.bank] = end
            self._timeline.at(end, EDGE, lambda burst=burst: self._sent(burst))
            self._timeline.at(end, BUFFERS, self._start, _LAST)

    @staticmethod
    def _sent(burst):
        for request in burst.askers:
            request.left -= 1
            if request.left == 0:
                request.tile.waiting -= 1
                request.served()
