#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace camclassify {

// Values by name: so many of those that were visited last. Threads may visit at the same time:
// those of one name one after the other, those of different names side by side.
template <class Value>
class LatestByName {
 public:
  explicit LatestByName(std::size_t most) : most_(most) {}

  // Calls `visit` with the value of that name, or with a new one, which is kept if `visit` returns.
  // What is forgotten meanwhile is not kept.
  template <class Visit>
  void visit(const std::string& name, Visit visit) {
    const std::shared_ptr<Entry> entry = find(name);
    const std::scoped_lock turn(entry->turn);
    try {
      visit(entry->value);
    } catch (...) {
      discard_unless_kept(name, entry);
      throw;
    }
    keep(entry);
  }

  void forget(const std::string& name) {
    const std::scoped_lock lock(mutex_);
    entries_.erase(name);
  }

 private:
  struct Entry {
    std::mutex turn;  // of who visits
    Value value{};
    std::uint64_t last_visit = 0;  // 0: none has returned so far. Guarded by the map's mutex.
  };

  std::shared_ptr<Entry> find(const std::string& name) {
    const std::scoped_lock lock(mutex_);
    std::shared_ptr<Entry>& entry = entries_[name];
    if (!entry) entry = std::make_shared<Entry>();
    if (entry->last_visit > 0) entry->last_visit = ++visits_;
    return entry;
  }

  void keep(const std::shared_ptr<Entry>& entry) {
    const std::scoped_lock lock(mutex_);
    entry->last_visit = ++visits_;
    const auto is_kept = [](const auto& each) { return each.second->last_visit > 0; };
    if (static_cast<std::size_t>(std::ranges::count_if(entries_, is_kept)) <= most_) return;
    entries_.erase(std::ranges::min_element(entries_, {}, [](const auto& each) {
      return each.second->last_visit > 0 ? each.second->last_visit : UINT64_MAX;
    }));
  }

  // Whoever waits for a turn with it begins anew.
  void discard_unless_kept(const std::string& name, const std::shared_ptr<Entry>& entry) {
    const std::scoped_lock lock(mutex_);
    if (entry->last_visit > 0) return;
    entry->value = Value{};
    const auto found = entries_.find(name);
    const bool is_wanted = entry.use_count() > 2;  // by others than the map and this visit
    if (found != entries_.end() && found->second == entry && !is_wanted) entries_.erase(found);
  }

  std::size_t most_;
  std::mutex mutex_;  // of the map, never held during a visit
  std::uint64_t visits_ = 0;
  std::unordered_map<std::string, std::shared_ptr<Entry>> entries_;
};

}  // namespace camclassify
