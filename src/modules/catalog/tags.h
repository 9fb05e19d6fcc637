// Tags: unique by name within their group, used only on the kinds of records that they are for.
#pragma once

#include "platform/registrar.h"
#include "record/record.h"

namespace kehai::modules {

// Whether the tag may be put on records of this object; a tag without kinds is for all of them.
bool is_tag_for(const record::Record& tag, std::string_view object);

void register_tags(platform::Registrar& registrar);

}  // namespace kehai::modules
