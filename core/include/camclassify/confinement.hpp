#pragma once

#include <cstdint>

namespace camclassify {

// What a process can do no more.
struct Confinement {
  bool privileges = false;         // gain any, as by a program that changes the user
  bool programs = false;           // start programs
  bool network = false;            // open sockets
  bool writing = false;            // open files for writing, make, rename or remove any
  std::uint64_t memory_bytes = 0;  // map more private memory than this; 0: no limit was set
  int landlock = 0;      // version of the kernel's Landlock that holds this up; 0: it has none
  bool seccomp = false;  // whether a filter of system calls holds this up
};

enum class Connections : std::uint8_t {
  kRefused,
  kOpened,  // may be opened, and none taken from others: for a process that reads a stream
};

// Gives up, for good, what a process that decodes foreign pictures and runs networks does not need.
// It can still read files, map libraries, make threads, and use the pipes that it has open.
//
// What the kernel does not offer stays possible, and the process goes on: the answer says what
// holds. Landlock confines the calling thread and those that it makes from now on, so call this
// before there are others. Private memory is limited to half of the machine's, but at least 512 MiB
// and at most 2 GiB.
Confinement confine(Connections connections = Connections::kRefused);

}  // namespace camclassify
