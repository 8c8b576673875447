#include "confinement/landlock.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace camclassify {
namespace {

// The kernel's interface (Documentation/userspace-api/landlock.rst), which older headers lack.
constexpr long kCreateRuleset = 444, kRestrictSelf = 446;
constexpr unsigned kAskVersion = 1;

struct Ruleset {
  std::uint64_t files = 0;
  std::uint64_t network = 0;
  std::uint64_t scoped = 0;
};

// Rights on files: all but reading them (bit 2) and reading folders (bit 3).
constexpr std::uint64_t kExecute = 1 << 0, kWrite = 1 << 1;
constexpr std::uint64_t kMakeAndRemove = 0x1ff << 4;  // bits 4 to 12
constexpr std::uint64_t kRefer = 1 << 13, kTruncate = 1 << 14, kControlDevices = 1 << 15;
constexpr std::uint64_t kBindAndConnect = 0b11;
constexpr std::uint64_t kAbstractSocketsAndSignals = 0b11;

// What a version of Landlock can deny, and how many bytes it wants to be told that in.
struct Version {
  int first;
  std::uint64_t files;
  std::uint64_t network;
  std::uint64_t scoped;
  std::size_t bytes;
};

constexpr std::array kVersions = {
    Version{1, kExecute | kWrite | kMakeAndRemove, 0, 0, sizeof(std::uint64_t)},
    Version{2, kRefer, 0, 0, sizeof(std::uint64_t)},
    Version{3, kTruncate, 0, 0, sizeof(std::uint64_t)},
    Version{4, 0, kBindAndConnect, 0, 2 * sizeof(std::uint64_t)},
    Version{5, kControlDevices, 0, 0, 2 * sizeof(std::uint64_t)},
    Version{6, 0, 0, kAbstractSocketsAndSignals, 3 * sizeof(std::uint64_t)},
};

}  // namespace

int deny_writing(Connections connections) {
  const auto version = static_cast<int>(syscall(kCreateRuleset, nullptr, 0, kAskVersion));
  if (version < 1) return 0;
  Ruleset denied;
  std::size_t bytes = 0;
  for (const Version& each : kVersions) {
    if (each.first > version) break;
    denied.files |= each.files;
    if (connections == Connections::kRefused) denied.network |= each.network;
    denied.scoped |= each.scoped;
    bytes = each.bytes;
  }
  // No rule allows any of it anywhere.
  const auto ruleset = static_cast<int>(syscall(kCreateRuleset, &denied, bytes, 0));
  if (ruleset < 0) return 0;
  const bool holds = syscall(kRestrictSelf, ruleset, 0) == 0;
  close(ruleset);
  return holds ? version : 0;
}

}  // namespace camclassify
