#include "engine/fastest_file.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "camclassify/error.hpp"
#include "camclassify/instruction_set.hpp"

namespace camclassify {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPatience{300};
constexpr int kMostRounds = 15;

struct Contender {
  const NetworkFile* file;
  std::unique_ptr<Network> network;
  Clock::duration shortest = Clock::duration::max();
};

// All but those that need an ONNX Runtime that is not here; throws that if there is no other.
std::vector<Contender> open_all(const std::vector<const NetworkFile*>& files, int threads,
                                const OpenFile& open) {
  // Of their own: another lane may be running in the engine's.
  const auto workspace = make_workspace(threads);
  std::vector<Contender> contenders;
  for (const NetworkFile* file : files) {
    try {
      contenders.push_back({file, open(*file, workspace)});
    } catch (const OnnxRuntimeMissing&) {
      if (file == files.back() && contenders.empty()) throw;
    }
  }
  return contenders;
}

Speeds measure(std::vector<Contender>& contenders) {
  const auto end = Clock::now() + kPatience;
  // In turns, so that whatever else the machine does is done to all; the first is to warm up.
  for (int round = 0; round <= kMostRounds && (round < 2 || Clock::now() < end); ++round) {
    for (Contender& each : contenders) {
      const auto start = Clock::now();
      each.network->run();
      if (round > 0) each.shortest = std::min(each.shortest, Clock::now() - start);
    }
  }
  Speeds speeds;
  for (const Contender& each : contenders)
    speeds.in(each.file->precision) =
        std::chrono::duration<double, std::milli>(each.shortest).count();
  return speeds;
}

bool tells_of_all(Speeds speeds, const std::vector<const NetworkFile*>& files) {
  return std::ranges::all_of(
      files, [&](const NetworkFile* file) { return speeds.in(file->precision) > 0; });
}

// What a choice holds for: the files as they are, the instructions and the threads.
std::string key_of(const std::vector<const NetworkFile*>& files, int threads) {
  std::string key = std::string(instruction_set()) + '/' + std::to_string(threads);
  for (const NetworkFile* file : files) {
    std::error_code gone;  // whoever opens it says so
    const auto written = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::filesystem::last_write_time(file->path, gone).time_since_epoch());
    key += '\n' + file->path.string() + '@' + std::to_string(written.count());
  }
  return key;
}

// What this process has measured so far: a network may be dropped and loaded again.
class Measured {
 public:
  Speeds of(const std::string& key) {
    const std::scoped_lock lock(mutex_);
    return speeds_[key];
  }

  void add(const std::string& key, Speeds speeds) {
    const std::scoped_lock lock(mutex_);
    speeds_[key] = speeds;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, Speeds> speeds_;
};

}  // namespace

FastestFile fastest_file(const std::vector<const NetworkFile*>& files, int threads, Speeds known,
                         const OpenFile& open) {
  if (files.size() == 1) return {*files.front()};
  static Measured measured;
  const std::string key = key_of(files, threads);
  Speeds speeds = tells_of_all(known, files) ? known : measured.of(key);
  std::vector<Contender> contenders;
  if (!tells_of_all(speeds, files)) {
    contenders = open_all(files, threads, open);
    if (contenders.size() == 1)
      return {*contenders.front().file, {}, std::move(contenders.front().network)};
    speeds = measure(contenders);
    measured.add(key, speeds);
  }
  const auto fastest = std::ranges::min_element(
      files, {}, [&](const NetworkFile* file) { return speeds.in(file->precision); });
  FastestFile found{**fastest, speeds};
  const auto opened = std::ranges::find(contenders, *fastest, &Contender::file);
  if (opened != contenders.end()) found.opened = std::move(opened->network);
  return found;
}

}  // namespace camclassify
