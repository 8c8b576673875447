#include "engine/proposals.hpp"

#include <doctest/doctest.h>

#include "engine/box.hpp"
#include "engine/samples.hpp"

namespace camclassify {
namespace {

using test::kAnimal, test::kPerson, test::kVehicle;

constexpr Size kSmallFrame{480, 270};

Box box_at(float x, float y = 0.5F) { return {x, y, x + 0.2F, y + 0.3F}; }

// Frames of a camera, in which an object network sees what the test says.
class ProposingCamera {
 public:
  float vehicle = 0.8F, animal = 0;  // the share that the object network sees of each
  int looks = 0;
  bool is_new = true;
  IsNew is_new_at = [this](const Box&) { return is_new; };
  Proposals proposals;

  std::vector<Candidate> frame(std::vector<Box> changed, std::vector<Candidate> detected = {}) {
    proposals.follow(changed, is_new_at, detected, kSmallFrame, taxonomy_);
    if (proposals.wanted()) {
      ++looks;
      const std::vector<KindShare> shares = {{kVehicle, vehicle, 0.02F}, {kAnimal, animal, 0.24F}};
      proposals.judge(shares);
    }
    return proposals.candidates();
  }

  // Something goes to the right, a tenth of the frame in each of so many frames.
  std::vector<Candidate> drive(int frames, float from = 0) {
    std::vector<Candidate> candidates;
    for (int i = 0; i < frames; ++i)
      candidates = frame({box_at(from + 0.1F * static_cast<float>(i))});
    return candidates;
  }

 private:
  Taxonomy taxonomy_{test::sample_bundle(), {}};
};

TEST_CASE("what drives and looks like a vehicle in several looks is one") {
  ProposingCamera camera;
  CHECK(camera.drive(4).empty());
  const auto candidates = camera.frame({box_at(0.4F)});
  REQUIRE(candidates.size() == 1);
  CHECK(candidates[0].id == kVehicle);
  CHECK(candidates[0].score == doctest::Approx(0.8F));
  CHECK(candidates[0].box == box_at(0.4F));
}

TEST_CASE("its front and its back are one thing") {
  ProposingCamera camera;
  for (int i = 0; i < 5; ++i) {
    const Box all = box_at(0.1F * static_cast<float>(i));
    const Box back = {all.x0, all.y0, all.x0 + 0.07F, all.y1};
    camera.frame({back, {all.x1 - 0.07F, all.y0, all.x1, all.y1}});
  }
  REQUIRE(camera.proposals.candidates().size() == 1);
  CHECK(camera.proposals.candidates()[0].box == box_at(0.4F));
}

TEST_CASE("what comes back, like a branch, is not even looked at") {
  ProposingCamera camera;
  for (int i = 0; i < 40; ++i) camera.frame({box_at(i % 2 == 0 ? 0.3F : 0.31F)});
  CHECK(camera.looks == 0);
  CHECK(camera.proposals.candidates().empty());
}

TEST_CASE("what stays, like a lamp that goes on and off, is not looked at") {
  ProposingCamera camera;
  for (int i = 0; i < 40; ++i) camera.frame({box_at(0.3F)});
  CHECK(camera.looks == 0);
}

TEST_CASE("a shadow shows nothing new") {
  ProposingCamera camera;
  camera.is_new = false;
  camera.drive(8);
  CHECK(camera.looks == 0);
}

TEST_CASE("what detections explain is no proposal") {
  ProposingCamera camera;
  for (int i = 0; i < 8; ++i) {
    const Box box = box_at(0.1F * static_cast<float>(i));
    camera.frame({box}, {{kPerson, 0.9F, grown(box, -0.2F)}});
  }
  CHECK(camera.looks == 0);
}

TEST_CASE("looks that do not agree make nothing of it, and become rare") {
  ProposingCamera camera;
  camera.vehicle = 0.3F;
  for (int i = 0; i < 50; ++i) camera.frame({box_at(0.015F * static_cast<float>(i))});
  CHECK(camera.proposals.candidates().empty());
  CHECK(camera.looks > 6);
  CHECK(camera.looks < 20);
}

TEST_CASE("a kind that many rows are of must show more than one of few") {
  ProposingCamera camera;
  camera.vehicle = 0;
  camera.animal = 0.6F;
  CHECK(camera.drive(8).empty());
  ProposingCamera other;
  other.vehicle = 0;
  other.animal = 0.9F;
  REQUIRE(other.drive(8).size() == 1);
  CHECK(other.proposals.candidates()[0].id == kAnimal);
}

TEST_CASE("what stopped is looked at until it is known whether it is still there") {
  for (const bool stays : {true, false}) {
    CAPTURE(stays);
    ProposingCamera camera;
    camera.drive(6);
    camera.vehicle = stays ? 0.4F : 0.01F;
    camera.frame({});
    CHECK(camera.proposals.is_searching() == !stays);
    camera.frame({});
    CHECK_FALSE(camera.proposals.is_searching());
    CHECK(camera.proposals.candidates().size() == (stays ? 1 : 0));
  }
}

TEST_CASE(
    "what vanished from where it was, so that the place shows what it used to, is gone at once") {
  ProposingCamera camera;
  camera.drive(6);
  CHECK(camera.frame({}).size() == 1);
  camera.is_new = false;
  CHECK(camera.frame({}).empty());
}

TEST_CASE("what seemed gone before anybody knew its kind, and went on, is not gone") {
  ProposingCamera camera;
  camera.drive(3);
  camera.is_new = false;
  camera.frame({});
  camera.is_new = true;
  CHECK(camera.drive(6, 0.3F).size() == 1);
}

TEST_CASE("what left is gone at once, although something of it is still in its place") {
  ProposingCamera camera;
  camera.drive(6);
  const Box around = grown(box_at(0.5F), 0.1F);
  camera.is_new_at = [&](const Box& box) { return box != around; };
  CHECK(camera.frame({around}).empty());
}

TEST_CASE("what came to rest stays when its place has long shown it") {
  ProposingCamera camera;
  camera.drive(6);
  for (int i = 0; i < 3; ++i) camera.frame({});
  camera.is_new = false;
  CHECK(camera.frame({}).size() == 1);
}

TEST_CASE("what drove away from where it rested takes its proposal with it") {
  ProposingCamera camera;
  camera.drive(6);
  for (int i = 0; i < 20; ++i) camera.frame({});
  const auto candidates = camera.frame({box_at(0.6F)});
  REQUIRE(candidates.size() == 1);
  CHECK(candidates[0].box == box_at(0.6F));
}

TEST_CASE("a detector that finds it takes over, and it bridges what the detector misses") {
  ProposingCamera camera;
  camera.drive(6);
  const Candidate seen{kVehicle, 0.9F, box_at(0.55F)};
  CHECK(camera.frame({box_at(0.55F)}, {seen}).empty());
  CHECK(camera.frame({box_at(0.6F)}).size() == 1);
  for (int i = 0; i < 12; ++i) camera.frame({}, {{kVehicle, 0.9F, box_at(0.6F)}});
  CHECK(camera.frame({}).empty());
}

TEST_CASE("what went somewhere and is of no known kind is told, where it stopped too") {
  ProposingCamera camera;
  camera.vehicle = 0.1F;
  camera.drive(6);
  CHECK(camera.proposals.unknown() == std::vector<Box>{box_at(0.5F)});
  for (int i = 0; i < 20; ++i) camera.frame({});
  CHECK(camera.proposals.unknown() == std::vector<Box>{box_at(0.5F)});
  CHECK_FALSE(camera.proposals.is_searching());
}

TEST_CASE("a storm of changes costs one look a frame, and no memory without bounds") {
  ProposingCamera camera;
  for (int i = 0; i < 100; ++i) {
    std::vector<Box> changed;
    for (int j = 0; j < 30; ++j) {
      const float x = static_cast<float>((i * 7 + j * 13) % 90) / 100;
      changed.push_back(
          {x, 0.03F * static_cast<float>(j), x + 0.06F, 0.03F * static_cast<float>(j) + 0.1F});
    }
    camera.frame(changed);
  }
  CHECK(camera.looks <= 100);
  CHECK(camera.proposals.unknown().size() <= 8);
}

}  // namespace
}  // namespace camclassify
