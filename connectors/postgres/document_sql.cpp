#include "connectors/postgres/document_sql.hpp"

#include "connectors/libpq/identifier.hpp"
#include "model/assert.hpp"

#include <optional>
#include <string_view>
#include <utility>

namespace casebridge::postgres {
namespace {

using libpq::quote_identifier;

// Level by level, each level from the original column. A longer path given to jsonb_set would silently write
// nothing where something else than an object is in the way; a path of one member makes the server refuse.
class DocumentWriter {
public:
    DocumentWriter(const ColumnCatalog& column, DocumentTarget target)
        : target_(target), original_("t." + quote_identifier(column.name))
    {
        if (column.document == DocumentType::json)
            original_ += "::jsonb";
    }

    std::string object(const DocumentNode& node)
    {
        auto text = before();
        for (const auto& [name, member] : node.members)
            text = with_member(std::move(text), name, member);
        return text;
    }

private:
    std::string with_member(std::string text, const std::string& name, const DocumentNode& member)
    {
        const auto place = path_constant({name});
        if (!member.leaf.empty())
            return "jsonb_set_lax(" + text + ", " + place + ", to_jsonb(" + member.leaf +
                   "), true, 'delete_key')";
        path_.push_back(name);
        const auto inner = object(member);
        path_.pop_back();
        switch (target_) {
            case DocumentTarget::new_row:  // Without objects that hold nothing.
                return "jsonb_set_lax(" + text + ", " + place + ", nullif(" + inner +
                       ", '{}'), true, 'delete_key')";
            case DocumentTarget::existing_row:
                break;
        }
        return "jsonb_set(" + text + ", " + place + ", " + inner + ")";
    }

    // The object at the present path as it stands.
    [[nodiscard]] std::string before() const
    {
        switch (target_) {
            case DocumentTarget::new_row:
                return "'{}'::jsonb";
            case DocumentTarget::existing_row:
                break;
        }
        const auto here = path_.empty() ? original_ : original_ + " #> " + path_constant(path_);
        return "coalesce(nullif(" + here + ", 'null'), '{}')";
    }

    DocumentTarget target_;
    std::string original_;
    std::vector<std::string> path_;
};

}  // namespace

std::string path_constant(const std::vector<std::string>& path)
{
    const std::vector<std::optional<std::string_view>> names(path.begin(), path.end());
    return libpq::quote_literal(libpq::to_array_literal(names));
}

std::string slot_text(const mapping::Slot& slot)
{
    const auto column = "t." + quote_identifier(slot.column);
    if (!slot.path.empty())
        return column + " #>> " + path_constant(slot.path);
    return "CASE WHEN " + column + " IS NOT NULL THEN concat(" + column + ") END";
}

void DocumentNode::add(std::span<const std::string> path, std::string text_sql)
{
    auto* node = this;
    for (const auto& name : path)
        node = &node->members[name];
    CASEBRIDGE_ASSERT(node->members.empty());
    node->leaf = std::move(text_sql);
}

std::string document_sql(const ColumnCatalog& column, const DocumentNode& root, DocumentTarget target)
{
    auto text = DocumentWriter{column, target}.object(root);
    if (column.document == DocumentType::json)
        text = "(" + text + ")::json";
    return text;
}

}  // namespace casebridge::postgres
