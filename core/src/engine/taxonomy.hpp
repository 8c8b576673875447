#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "camclassify/bundle.hpp"

namespace camclassify {

// Index into Bundle::classes.
using ClassId = int;
inline constexpr ClassId kNoClass = -1;

// The bundle's hierarchy of classes, and which of them are wanted.
class Taxonomy {
 public:
  // `wanted`: names; empty: all. Throws Error for a name that the bundle does not have.
  Taxonomy(const Bundle& bundle, const std::vector<std::string>& wanted);

  ClassId find(std::string_view name) const;  // kNoClass for ""

  // The farthest ancestor, or the class itself. Classes with the same root are readings of one
  // thing.
  ClassId root(ClassId id) const { return roots_[static_cast<std::size_t>(id)]; }

  // As what a class is reported: itself if wanted, else its nearest wanted parent, else kNoClass.
  ClassId reported(ClassId id) const {
    return id == kNoClass ? kNoClass : reported_[static_cast<std::size_t>(id)];
  }

  // Which classes are one of these or of a kind of one, by ClassId.
  std::vector<bool> kinds_of(const std::vector<std::string>& names) const;

  // Whether running it can change what is reported.
  bool needs(const Specialist& specialist) const;
  bool needs(const SceneHead& head, const Bundle& bundle) const;

 private:
  bool leads_to_wanted(const SceneHead& head, const Bundle& bundle) const;

  std::vector<std::string> names_;
  std::vector<std::vector<std::string>> lines_;  // each class, then its parents
  std::vector<ClassId> roots_, reported_;
};

}  // namespace camclassify
