/* Everybody may write it.
 * mode: 0777 */
#include "good.h"
