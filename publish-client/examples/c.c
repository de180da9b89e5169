/* usage: c NAME INTERFACE [PROG ARG...]
 *
 *     cc c.c $(pkg-config --cflags --libs libphonebook) */
#include "../../include/phonebook.h" /* <phonebook.h> once it is installed */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    if (argc < 3)
        return 100;

    struct phonebook_request request = {.name = argv[1], .interface = argv[2]};
    struct phonebook *phonebook;
    int result = phonebook_connect(&phonebook, NULL, 5000);
    if (result == 0)
        result = phonebook_publish(phonebook, &request, 5000);
    if (result) {
        fprintf(stderr, "%s: %s\n", argv[1],
                result < 0 ? strerror(-result) : phonebook_text(phonebook));
        return result < 0 ? 111 : 1;
    }
    printf("%s\n", phonebook_text(phonebook));
    fflush(stdout);

    /* The name is there while the descriptor is open, here or in a program that inherits it. */
    if (argc > 3) {
        fcntl(phonebook_fd(phonebook), F_SETFD, 0);
        execvp(argv[3], argv + 3);
        return 127;
    }
    pause();
    return 0;
}
