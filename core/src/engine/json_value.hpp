#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "camclassify/error.hpp"

namespace camclassify {

// A value of a JSON file that knows where it stands, so that every error names file and key.
class JsonValue {
 public:
  // Reads and parses the whole file into `document`, which must outlive the value.
  static JsonValue read(const std::filesystem::path& file, nlohmann::json& document);

  bool has(std::string_view key) const;
  JsonValue at(std::string_view key) const;  // of an object; an error if absent
  std::vector<JsonValue> items() const;      // of an array

  std::string text() const;
  int integer(int least, int most) const;
  float real(float least, float most) const;
  bool boolean() const;
  std::vector<std::string> texts() const;

  bool is_object() const { return value_->is_object(); }

  // With a default for a key that is absent.
  template <class T, class Read>
  T value_or(std::string_view key, T absent, Read read) const {
    return has(key) ? read(at(key)) : std::move(absent);
  }

  // The value's key is wrong in a way that only the caller can say: "must ...".
  [[noreturn]] void fail(const std::string& problem) const;

 private:
  JsonValue(const nlohmann::json& value, std::string file, std::string key)
      : value_(&value), file_(std::move(file)), key_(std::move(key)) {}

  const nlohmann::json* value_;
  std::string file_;
  std::string key_;  // "scenes[0].heads[1].output"; empty for the whole file
};

}  // namespace camclassify
