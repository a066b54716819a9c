#include "mapping/table_mapping.hpp"

#include <algorithm>

namespace casebridge::mapping {

const MappedUnit* TableMapping::find_unit(UnitIndex unit) const
{
    const auto found = std::ranges::lower_bound(units, unit, {}, &MappedUnit::unit);
    return found == units.end() || found->unit != unit ? nullptr : &*found;
}

}  // namespace casebridge::mapping
