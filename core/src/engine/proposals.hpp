#pragma once

#include <optional>
#include <span>
#include <vector>

#include "engine/candidate.hpp"

namespace camclassify {

// How much of what an object network sees is of the kinds of a root class, 0..1, and how much of
// what it can see is: dogs and birds have so many rows that some of them answer to anything.
struct KindShare {
  ClassId root = kNoClass;
  float share = 0, by_chance = 0;
};

// What changes and is explained by no detection, followed over the frames of a camera. A camera
// under the eaves sees cars from the roof, which a scene network does not know; that something of
// their size goes through the picture shows all the same, and an object network, which looks at it
// alone, often knows what it is.
//
// A proposal becomes a candidate when it went somewhere (a flag and a branch come back, a lamp
// stays) and several looks agree about its kind. It is one until a detector has found it for a
// while, or until the place where it stopped shows what it showed before, or looks there find
// nothing.
class Proposals {
 public:
  // Takes a frame: where it changed, where it shows something new, and what was detected in it.
  void follow(std::span<const Box> changed, const IsNew& is_new,
              std::span<const Candidate> detected, Size frame, const Taxonomy& taxonomy);

  // The part of the frame that an object network is to look at, if any.
  std::optional<Box> wanted();

  // What it saw there, a share for each root class.
  void judge(std::span<const KindShare> shares);

  // Those whose kind is known and which no detector sees in this frame. The score is the mean share
  // of the looks that agreed.
  std::vector<Candidate> candidates() const;

  // Those that went somewhere and whose kind is not known.
  std::vector<Box> unknown() const;

  // Whether one that stopped is to be looked at, although nothing changes.
  bool is_searching() const;

 private:
  struct Point {
    float x = 0, y = 0;  // pixels
  };
  struct Proposal {
    Box box;
    Point start, centre;
    float way = 0;            // pixels that its centre went
    int frames = 1;           // in which it changed
    int still = 0;            // frames since then
    int unasked = 0;          // frames since it was looked at
    int absences = 0;         // looks one after the other that found nothing where it stopped
    int explained = 0;        // frames one after the other in which a detector found it
    bool is_resting = false;  // it was seen where it stopped
    bool is_gone = false;     // what is behind it shows again where it was last
    bool travelled = false;   // it went somewhere, once
    std::vector<KindShare> looks;
    std::optional<Candidate> candidate;

    Proposal(const Box& place, Size frame);
    void move(const Box& place, Size frame);
    bool went(float share, Size frame) const;  // of its size, away from where it began
    bool is_due(Size frame) const;
    void decide();
  };

  std::vector<Proposal> proposals_;
  Size frame_;
  std::size_t asked_ = 0;  // number of the one that wanted() gave
};

}  // namespace camclassify
