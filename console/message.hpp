#pragma once

#include <functional>
#include <string>

// HTTP as plain values: what a handler is asked and what it answers. No socket and no library type in sight.

namespace casebridge::console {

enum class Method { get, head };

// One admitted request. Only what handlers may act on is in it: no header, and no body.
struct Request {
    Method method = Method::get;
    std::string path{};   // `/metrics`: begins with a slash, as sent, not percent-decoded.
    std::string query{};  // What stood behind the first `?`, as sent; empty when there was none.
};

struct Response {
    unsigned status = 200;
    std::string content_type = "text/plain; charset=utf-8";
    std::string body{};   // Not sent in answer to HEAD; its length is.
    std::string allow{};  // Value of the Allow header; empty for none.
};

// Answers from memory: it runs on the server's thread, so it must not block, and must not throw. An exception
// ends serve() with all its sessions. HEAD is answered like GET, the server leaves the body out.
using Handler = std::function<Response(const Request&)>;

}  // namespace casebridge::console
