#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>

namespace camclassify {

// Values by name: so many of those that were visited last.
template <class Value>
class LatestByName {
 public:
  explicit LatestByName(std::size_t most) : most_(most) {}

  // Calls `visit` with the value of that name, or with a new one, which is kept if `visit` returns.
  template <class Visit>
  void visit(const std::string& name, Visit visit) {
    const auto known = entries_.find(name);
    if (known != entries_.end()) {
      known->second.last_visit = ++visits_;
      visit(known->second.value);
      return;
    }
    Entry entry;
    visit(entry.value);
    entry.last_visit = ++visits_;
    if (entries_.size() == most_) {
      entries_.erase(std::ranges::min_element(
          entries_, {}, [](const auto& each) { return each.second.last_visit; }));
    }
    entries_.emplace(name, std::move(entry));
  }

  void forget(const std::string& name) { entries_.erase(name); }

 private:
  struct Entry {
    Value value{};
    std::uint64_t last_visit = 0;
  };

  std::size_t most_;
  std::uint64_t visits_ = 0;
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace camclassify
