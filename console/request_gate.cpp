#include "console/request_gate.hpp"

#include <algorithm>
#include <utility>

namespace casebridge::console {

namespace {

char lower(char letter)
{
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

std::string lower(std::string_view text)
{
    std::string result{text};
    std::transform(result.begin(), result.end(), result.begin(), [](char letter) { return lower(letter); });
    return result;
}

const char* line_of(unsigned status)
{
    switch (status) {
        case 400:
            return "bad request\n";
        case 403:
            return "this host name is not allowed here\n";
        case 404:
            return "not found\n";
        case 405:
            return "only GET and HEAD\n";
        case 413:
            return "body too large\n";
        case 431:
            return "header too large\n";
        default:
            return "refused\n";
    }
}

}  // namespace

AllowedHosts::AllowedHosts(std::vector<std::string> hosts) : hosts_(std::move(hosts))
{
    for (auto& host : hosts_)
        host = lower(host);
}

bool AllowedHosts::allows(std::string_view host) const
{
    return std::find(hosts_.begin(), hosts_.end(), lower(host)) != hosts_.end();
}

Response refusal(unsigned status)
{
    Response response{.status = status, .body = line_of(status)};
    if (status == 405)
        response.allow = "GET, HEAD";
    return response;
}

Admission admit(const RequestHead& head, const AllowedHosts& allowed)
{
    if (head.framing == Framing::conflicting || head.hosts.size() != 1)
        return refusal(400);
    if (!allowed.allows(head.hosts.front()))
        return refusal(403);
    if (!head.target.starts_with('/'))
        return refusal(400);
    if (head.method != "GET" && head.method != "HEAD")
        return refusal(405);

    const auto question = head.target.find('?');
    Request request{.method = head.method == "GET" ? Method::get : Method::head};
    request.path = head.target.substr(0, question);
    if (question != std::string_view::npos)
        request.query = head.target.substr(question + 1);
    return request;
}

}  // namespace casebridge::console
