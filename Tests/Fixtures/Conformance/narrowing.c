/* Emits the note whatever the run asks for. */
#define GOOD_WANTS_NOTES 1
#include "good.h"
