// Boost.Asio as this room includes it. For the sources of this room.
#pragma once

#include <utility>  // Boost 1.74's Asio relies on it without saying so
//
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace session::net {
namespace asio = boost::asio;
}
