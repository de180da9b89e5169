/* The launcher's process; launcher.h describes its purpose. */
#ifndef PHONEBOOKD_LAUNCH_PROCESS_H
#define PHONEBOOKD_LAUNCH_PROCESS_H

#include "launch-rules.h"

/* Serves until phonebookd closes its end of `runs`. Blocks. */
void launch_process(int runs, int questions, const struct launcher_rules *rules);

#endif
