#pragma once

#include "model/strong.hpp"

#include <cstdint>
#include <string>

// The names of things. All are cheap to copy and totally ordered.

namespace casebridge {

// Short id of an agency such as `sp`: [a-z][a-z0-9_]{0,14}. Fits the small string buffer.
using AgencyId = Strong<struct AgencyIdTag, std::string>;

// Position of an entry in the journal; 0 is "before the first entry".
using JournalSeq = Strong<struct JournalSeqTag, std::int64_t>;

// Our identity of a canonical record: the seq of the entry that created it. Never an agency's key.
using RecordId = Strong<struct RecordIdTag, std::int64_t>;

// Key of a row at an agency as that agency's server renders it. Personal: never log it.
using LocalKey = Strong<struct LocalKeyTag, std::string>;

// A request in the hub's inbox.
using RequestId = Strong<struct RequestIdTag, std::int64_t>;

// PostgreSQL object ids and transaction ids, as the wire shows them.
using RelationOid = Strong<struct RelationOidTag, std::uint32_t>;
using TypeOid = Strong<struct TypeOidTag, std::uint32_t>;
using Xid = Strong<struct XidTag, std::uint32_t>;

// Positions inside one configuration version; they are not stored anywhere, the journal holds names.
using EntityIndex = Strong<struct EntityIndexTag, std::uint16_t>;
using FieldIndex = Strong<struct FieldIndexTag, std::uint16_t>;
using UnitIndex = Strong<struct UnitIndexTag, std::uint16_t>;
using MappingIndex = Strong<struct MappingIndexTag, std::uint16_t>;

}  // namespace casebridge
