#include "config/mapping_file.hpp"

#include "config/column_uses.hpp"
#include "config/create_when.hpp"
#include "config/field_bindings.hpp"
#include "config/model_file.hpp"
#include "config/sql_name.hpp"

#include <algorithm>
#include <utility>

namespace casebridge::config {
namespace {

const std::vector<std::string> table_keys{
    "entity", "key", "create_when", "fields", "split", "on_insert", "may_delete"};

class TableList {
public:
    TableList(
        const AgencyId& agency,
        const CanonicalModel& model,
        std::vector<mapping::TableMapping>& tables,
        std::vector<TablePlace>& places
    )
        : agency_(agency), model_(model), tables_(tables), places_(places)
    {
    }

    void add(const Entry& entry)
    {
        const auto name = parse_table_name(entry.key());
        if (!name)
            entry.key_mistake(
                R"(a table is named as in SQL, with its schema: registry.member, registry."Member")"
            );
        if (!entry.is_object_of(table_keys))
            return;
        const auto entity = read_entity(entry);
        if (!name || !entity || !is_new(entry, *name, *entity))
            return;
        auto& table = tables_.emplace_back();
        table.index = MappingIndex{static_cast<std::uint16_t>(tables_.size() - 1)};
        table.agency = agency_;
        table.schema = name->schema;
        table.table = name->table;
        table.entity = *entity;
        places_.push_back(TablePlace{table.index, entry});
    }

private:
    [[nodiscard]] std::optional<EntityIndex> read_entity(const Entry& entry) const
    {
        const auto word = entry.required("entity");
        const auto name = word ? word->text() : std::nullopt;
        if (!name)
            return std::nullopt;
        const auto entity = model_.find_entity(*name);
        if (!entity)
            word->mistake(unknown_entity(model_, *name));
        return entity;
    }

    [[nodiscard]] bool is_new(const Entry& entry, const TableName& name, EntityIndex entity) const
    {
        for (const auto& other : tables_) {
            if (other.agency != agency_)
                continue;
            if (other.schema == name.schema && other.table == name.table) {
                entry.key_mistake("the table is mapped already, under another spelling");
                return false;
            }
            if (other.entity == entity) {
                entry.key_mistake(
                    "entity " + model_.entity(entity).name + " is kept in " + other.name() +
                    " already; two tables of one agency for one entity are not supported"
                );
                return false;
            }
        }
        return true;
    }

    const AgencyId& agency_;
    const CanonicalModel& model_;
    std::vector<mapping::TableMapping>& tables_;
    std::vector<TablePlace>& places_;
};

void read_key(const Entry& table, mapping::TableMapping& mapping, ColumnUses& uses)
{
    const auto key = table.required("key");
    if (!key || !key->is_object_of({"column", "new"}))
        return;
    if (const auto column = key->required("column")) {
        if (auto name = read_column(*column)) {
            uses.take(*column, {.column = *name, .path = {}}, "the table's key");
            mapping.key_column = std::move(*name);
        }
    }
    const auto kind = key->required("new");
    const auto word = kind ? kind->one_of({"sequence", "uuid"}) : std::nullopt;
    if (word)
        mapping.new_key = *word == "sequence" ? mapping::NewKey::sequence : mapping::NewKey::uuid;
}

void read_on_insert(const Entry& entry, mapping::TableMapping& mapping, ColumnUses& uses)
{
    for (const auto& constant : entry.members()) {
        const auto name = column_name(constant.key());
        if (!name)
            constant.key_mistake(column_name_rule());
        auto text = constant.any_text();
        if (!name || !text)
            continue;
        uses.take_key(constant, {.column = *name, .path = {}}, "on_insert");
        mapping.on_insert.push_back({.column = *name, .text = std::move(*text)});
    }
}

}  // namespace

void read_tables(
    const Entry& root,
    const AgencyId& agency,
    const CanonicalModel& model,
    std::vector<mapping::TableMapping>& tables,
    std::vector<TablePlace>& places
)
{
    if (!root.is_object_of({"$schema", "agency", "tables"}))
        return;
    if (const auto word = root.required("agency")) {
        const auto name = word->any_text();
        if (name && *name != agency.value())
            word->mistake(
                "\"" + *name + "\" is not the agency whose mapping this is; the bridge names this file for " +
                agency.value()
            );
    }
    const auto entries = root.required("tables");
    if (!entries)
        return;
    TableList list{agency, model, tables, places};
    for (const auto& entry : entries->members())
        list.add(entry.named(entry.key()));
    if (entries->is(JsonNode::Kind::object) && entries->members().empty())
        entries->mistake("a mapping needs a table");
}

void read_table(
    const TablePlace& place, const CanonicalModel& model, std::vector<mapping::TableMapping>& tables
)
{
    auto& mapping = tables[place.index.value()];
    ColumnUses uses;
    read_key(place.entry, mapping, uses);
    FieldBindings bindings{model, tables, mapping, uses};
    if (const auto fields = place.entry.required("fields"))
        for (const auto& field : fields->members())
            bindings.read_field(field.named(place.entry.place() + "." + field.key()));
    if (const auto splits = place.entry.find("split"))
        for (const auto& split : splits->elements())
            bindings.read_split(split);
    bindings.finish();
    if (const auto constants = place.entry.find("on_insert"))
        read_on_insert(*constants, mapping, uses);
    if (const auto when = place.entry.find("create_when"))
        mapping.create_when = read_create_when(*when, model, model.entity(mapping.entity));
    if (const auto may_delete = place.entry.find("may_delete"))
        if (may_delete->boolean().value_or(false))
            mapping.remote_delete = mapping::RemoteDelete::permitted;
}

}  // namespace casebridge::config
