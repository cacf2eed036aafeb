#include <gtest/gtest.h>

#include "app/map/layout.h"
#include "app/map/scene.h"

namespace session::app {
namespace {

Network network_of(std::uint32_t swarms, std::uint32_t members, std::uint32_t people = 5) {
  Network out;
  for (std::uint32_t s = 0; s < swarms; ++s) {
    const auto step = ~std::uint64_t{0} / swarms;
    out.swarms.push_back({SwarmId{step * s}, s * members, members});
    for (std::uint32_t i = 0; i < members; ++i) {
      NodeShown node;
      node.machine = 1 + s * members + i;
      node.swarm = s;
      node.id.key[0] = static_cast<std::byte>(s);
      out.nodes.push_back(node);
    }
  }
  out.node_of.assign(1 + out.nodes.size(), kNoMachine);
  for (std::uint32_t i = 0; i < out.nodes.size(); ++i) out.node_of[1 + i] = i;
  for (std::uint32_t i = 0; i < people; ++i) {
    PersonShown person;
    person.machine = static_cast<Machine>(1 + out.nodes.size() + i);
    person.name = "Alice";
    person.swarm = swarms == 0 ? 0 : i % swarms;
    out.people.push_back(person);
  }
  return out;
}

TEST(Layout, NoTwoNodesLieOnOneAnother) {
  for (const std::uint32_t swarms : {1U, 2U, 3U, 8U, 36U, 37U, 300U}) {
    const Network network = network_of(swarms, 7);
    const Layout layout = ring_layout(network);
    ASSERT_EQ(layout.nodes.size(), network.nodes.size());
    for (std::size_t i = 1; i < layout.nodes.size(); ++i)
      EXPECT_GE(distance(layout.nodes[i - 1], layout.nodes[i]), 1.9F * layout.node_radius) << swarms << " " << i;
    for (const Point node : layout.nodes) EXPECT_LT(distance(node, {}), 1.25F);
  }
}

TEST(Layout, SwarmsWithNeighbouringIdsArePushedApart) {
  Network network = network_of(4, 7);
  for (std::uint32_t s = 0; s < 4; ++s) network.swarms[s].id = {1000 + s};
  const Layout layout = ring_layout(network);
  for (std::size_t s = 1; s < 4; ++s) EXPECT_GE(distance(layout.swarms[s - 1], layout.swarms[s]), 1.9F * layout.swarm_radius);
}

TEST(Layout, PeopleDoNotStandOnOneAnother) {
  Network network = network_of(6, 7, 12);
  for (PersonShown& person : network.people) person.swarm = 2;
  const Layout layout = ring_layout(network);
  for (std::size_t i = 0; i < layout.people.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) EXPECT_GT(distance(layout.people[i], layout.people[j]), 0.1F);
}

TEST(Picking, ArrowsLeadToTheNearestThingInTheirDirectionAndReachEverything) {
  const Network network = network_of(6, 7);
  const Layout layout = ring_layout(network);
  const auto place = [&](Picked at) {
    return at.what == Picked::What::Node ? layout.nodes[at.index] : layout.people[at.index];
  };
  const auto first = next_toward(layout, network, std::nullopt, Toward::Up);
  ASSERT_TRUE(first.has_value());
  std::vector<Picked> reached{*first};
  for (std::size_t i = 0; i < reached.size(); ++i)
    for (const Toward toward : {Toward::Left, Toward::Right, Toward::Up, Toward::Down}) {
      const auto next = next_toward(layout, network, reached[i], toward);
      ASSERT_TRUE(next.has_value());
      if (*next == reached[i]) continue;
      const Point way = place(*next) - place(reached[i]);
      EXPECT_GT(toward == Toward::Left ? -way.x : toward == Toward::Right ? way.x : toward == Toward::Up ? -way.y : way.y, 0);
      if (std::find(reached.begin(), reached.end(), *next) == reached.end()) reached.push_back(*next);
    }
  EXPECT_EQ(reached.size(), network.nodes.size() + network.people.size());
}

TEST(Picking, ArrowsFindNothingWhereNothingIs) {
  const Network nobody;
  EXPECT_EQ(next_toward(ring_layout(nobody), nobody, std::nullopt, Toward::Left), std::nullopt);
  const Picked gone{Picked::What::Node, 7};
  EXPECT_EQ(next_toward(ring_layout(nobody), nobody, gone, Toward::Left), gone);
}

TEST(Layout, AnEmptyNetworkAndAHugeOneAreFine) {
  EXPECT_TRUE(ring_layout(network_of(0, 0, 0)).nodes.empty());
  const Network network = network_of(1429, 7, 20);
  EXPECT_EQ(ring_layout(network).nodes.size(), 10'003u);
  EXPECT_EQ(detail_of(ring_layout(network), fit(1000, 800, 34)), Detail::Density);
}

TEST(Camera, ZoomKeepsWhatIsUnderTheCursor) {
  Camera camera = fit(1000, 700, 34);
  const Point cursor{700, 200}, held = camera.to_world(cursor);
  for (const float factor : {1.2F, 1.2F, 0.5F, 3.0F}) {
    camera.zoom_at(cursor, factor);
    EXPECT_NEAR(camera.to_world(cursor).x, held.x, 1e-4);
    EXPECT_NEAR(camera.to_world(cursor).y, held.y, 1e-4);
  }
  camera.zoom_at(cursor, 1e9F);
  EXPECT_LE(camera.zoom, 40'000);
}

TEST(Pick, FindsWhatIsDrawn) {
  const Network network = network_of(8, 7);
  const Layout layout = ring_layout(network);
  const Camera camera = fit(1000, 800, 34);
  for (std::size_t i = 0; i < layout.nodes.size(); ++i)
    EXPECT_EQ(pick(layout, network, {}, {}, camera, camera.to_screen(layout.nodes[i]), 4), (Picked{Picked::What::Node, i}));
  for (std::size_t i = 0; i < layout.people.size(); ++i)
    EXPECT_EQ(pick(layout, network, {}, {}, camera, camera.to_screen(layout.people[i]), 4), (Picked{Picked::What::Person, i}));
  for (std::size_t i = 0; i < layout.swarms.size(); ++i)
    EXPECT_EQ(pick(layout, network, {}, {}, camera, camera.to_screen(layout.swarms[i]), 4), (Picked{Picked::What::Swarm, i}));
  EXPECT_EQ(pick(layout, network, {}, {}, camera, {1, 1}, 4), std::nullopt);
  Flight flight;
  flight.packet = 42;
  flight.from = 1;
  flight.to = 30;
  flight.sent = Instant{0};
  flight.due = Instant{100};
  flight.kind = FlightKind::Onion;
  const Point at = camera.to_screen(place_of(flight, layout, network, Instant{50}));
  EXPECT_EQ(pick(layout, network, {flight}, Instant{50}, camera, at, 4), (Picked{Picked::What::Packet, 42}));
  EXPECT_LT(distance(place_of(flight, layout, network, Instant{0}), place_of(layout, network, 1)), 1e-5F);
  EXPECT_LT(distance(place_of(flight, layout, network, Instant{999}), place_of(layout, network, 30)), 1e-5F);
}

TEST(Scene, DrawsEachFlightAndNothingElse) {
  auto network = std::make_shared<Network>(network_of(8, 7));
  const Layout layout = ring_layout(*network);
  Snapshot snapshot;
  snapshot.network = network;
  auto flights = std::make_shared<std::vector<Flight>>();
  for (std::uint64_t i = 0; i < 50; ++i) {
    Flight flight;
    flight.packet = i;
    flight.from = static_cast<Machine>(1 + i % 56);
    flight.to = static_cast<Machine>(1 + (i * 7 + 3) % 56);
    flight.due = Instant{1000};
    flight.kind = static_cast<FlightKind>(i % kFlightKinds);
    flight.layers = flight.kind == FlightKind::Onion ? static_cast<std::uint8_t>(i % 5) : 0;
    flights->push_back(flight);
  }
  snapshot.flights = flights;
  SceneWish wish;
  wish.snapshot = &snapshot;
  wish.layout = &layout;
  wish.theme = built_in_theme("dark");
  wish.camera = fit(1000, 800, 34);
  wish.size = {1000, 800};
  wish.waiting = "{} waiting";
  wish.offline = "{} offline";
  Scene scene;
  build_scene(wish, scene);
  EXPECT_EQ(scene.packets.size(), 40u);  // all but the registry's
  for (std::size_t i = 0; i < scene.packets.size(); ++i)
    EXPECT_EQ(scene.packets[i].count, static_cast<float>(std::min<int>((*flights)[scene.packet_numbers[i]].layers, 4)));
  wish.registry_traffic = true;
  build_scene(wish, scene);
  EXPECT_EQ(scene.packets.size(), 50u);
  snapshot.flights = std::make_shared<std::vector<Flight>>();
  build_scene(wish, scene);
  EXPECT_TRUE(scene.packets.empty());
  EXPECT_EQ(scene.faces.size(), 5u);
}

}  // namespace
}  // namespace session::app
