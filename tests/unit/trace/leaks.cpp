// SPDX-License-Identifier: Apache-2.0
// HDF5 loses a little memory when it reports an error; that is not what the leak checker is for.
extern "C" const char* __lsan_default_suppressions();  // NOLINT: the name is the sanitizer's

extern "C" const char* __lsan_default_suppressions() {  // NOLINT
    return "leak:libhdf5";
}
