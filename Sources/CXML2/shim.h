#ifndef CXML2_SHIM_H
#define CXML2_SHIM_H

#include <libxml/xmlversion.h>
/* Debian's libxml2 names types of ICU, and Foundation brings its own ICU: Swift cannot import both.
   Without this only the handlers of encodings look different, which nothing here touches. */
#undef LIBXML_ICU_ENABLED
#include <libxml/parser.h>
#include <libxml/xmlerror.h>

/* A macro with a cast, which Swift does not import. */
static const unsigned int cx_sax2_magic = XML_SAX2_MAGIC;

#endif
