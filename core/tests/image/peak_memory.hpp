#pragma once

#include <fstream>
#include <string>

namespace camclassify::test {

// By how much this process's resident memory has at most grown since this was made.
class PeakMemory {
 public:
  PeakMemory() {
    std::ofstream("/proc/self/clear_refs") << "5";  // VmHWM starts again from VmRSS
    before_ = kilobytes("VmRSS:");
  }

  double megabytes() const { return static_cast<double>(kilobytes("VmHWM:") - before_) / 1024; }

 private:
  static long kilobytes(const std::string& field) {
    std::ifstream status("/proc/self/status");
    std::string name;
    long value = 0;
    while (status >> name && name != field) std::getline(status, name);
    status >> value;
    return value;
  }

  long before_;
};

}  // namespace camclassify::test
