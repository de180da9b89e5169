;; Services of the GNU Shepherd (0.10 or later) for phonebookd(8) and phonebook-keeper(8). In its
;; configuration:
;;
;;     (load "/etc/shepherd/phonebook.scm")
;;     (start-in-the-background '(phonebook-keeper phonebookd))
;;
;; phonebookd makes its sockets itself, because sockets of make-systemd-constructor accept everybody. During
;; a restart, `phonebook publish` tries again (-r).

(use-modules (shepherd service))

(define (daemon name documentation)
  (service
   (list name)
   #:documentation documentation
   #:start (make-forkexec-constructor
            (list "@LIBEXECDIR@/phonebook-start" (symbol->string name))
            #:log-file (string-append "/var/log/" (symbol->string name) ".log"))
   #:stop (make-kill-destructor #:grace-period 10) ; one of the two may wait 5 seconds for the other
   #:actions (actions
              (reload "Read the configuration again."
                      (lambda (process . arguments)
                        (kill (if (process? process) (process-id process) process) SIGHUP))))
   #:respawn? #t))

;; Neither requires the other: otherwise Shepherd would stop both to restart one.
(register-services
 (list (daemon 'phonebook-keeper "Hold the names while phonebookd restarts.")
       (daemon 'phonebookd "Give names to processes.")))
