#pragma once

#include <unistd.h>

#include <fstream>

namespace camclassify {

// Of this process, in MB.
inline double resident_megabytes() {
  std::ifstream statm("/proc/self/statm");
  long total = 0, resident = 0;
  statm >> total >> resident;
  return static_cast<double>(resident * sysconf(_SC_PAGESIZE)) / 1e6;
}

}  // namespace camclassify
