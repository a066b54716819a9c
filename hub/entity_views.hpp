#pragma once

#include "connectors/libpq/connection.hpp"
#include "model/canonical_model.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>

// Readable views: casebridge_view.<entity>, one row a record, one typed column a field with its golden value.

namespace casebridge::hub {

// The query of an entity's view. Columns: record_id, the fields in their order (`address.city` is
// address_city unless that name is taken), then last_seq, held (units that wait for a person) and
// linked_agencies. A golden text that is not of its field's type is NULL there.
[[nodiscard]] std::string view_query(const EntityDefinition& entity);

// Makes the views of the model in one transaction: new ones are created, those whose query has changed are
// made anew (grants on them are lost, docs/hub.md), those of entities that are gone are dropped, the others
// are not touched. Throws libpq's DatabaseError; 2BP01 if somebody has built on a view that has to change.
[[nodiscard]] boost::asio::awaitable<void> refresh_views(libpq::Connection& connection, CanonicalModel model);

}  // namespace casebridge::hub
