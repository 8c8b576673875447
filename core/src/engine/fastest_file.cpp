#include "engine/fastest_file.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <string>

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

const NetworkFile* measure(std::vector<Contender> contenders) {
  if (contenders.size() == 1) return contenders.front().file;
  const auto end = Clock::now() + kPatience;
  // In turns, so that whatever else the machine does is done to all; the first is to warm up.
  for (int round = 0; round <= kMostRounds && (round < 2 || Clock::now() < end); ++round) {
    for (Contender& each : contenders) {
      const auto start = Clock::now();
      each.network->run();
      if (round > 0) each.shortest = std::min(each.shortest, Clock::now() - start);
    }
  }
  return std::ranges::min_element(contenders, {}, &Contender::shortest)->file;
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

}  // namespace

const NetworkFile& fastest_file(const std::vector<const NetworkFile*>& files, int threads,
                                const OpenFile& open) {
  if (files.size() == 1) return *files.front();
  static std::mutex mutex;
  static std::map<std::string, std::filesystem::path> choices;
  const std::string key = key_of(files, threads);
  {
    const std::lock_guard lock(mutex);
    if (const auto known = choices.find(key); known != choices.end()) {
      return **std::ranges::find(files, known->second, &NetworkFile::path);
    }
  }
  const NetworkFile* fastest = measure(open_all(files, threads, open));
  const std::lock_guard lock(mutex);
  choices[key] = fastest->path;
  return *fastest;
}

}  // namespace camclassify
