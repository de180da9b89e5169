;; Services of the GNU Shepherd (0.10 or later) for phonebookd(8) and phonebook-keeper(8). In its
;; configuration:
;;
;;     (load "/etc/shepherd/phonebook.scm")
;;     (start-in-the-background '(phonebookd))
;;
;; phonebookd makes its sockets itself, since make-systemd-constructor opens those that it makes to
;; everybody; `phonebook publish` bridges a restart by trying again (-r).

(use-modules (shepherd service))

(define (make-phonebook-directory)
  (let ((user (getpw "phonebook")))
    (unless (file-exists? "/run/phonebook")
      (mkdir "/run/phonebook" #o755))
    (chown "/run/phonebook" (passwd:uid user) (passwd:gid user))))

;; Runs as root up to setpriv (util-linux), which becomes the user and leaves it these capabilities.
(define (as-phonebook capabilities . command)
  (append (list "setpriv" "--reuid" "phonebook" "--regid" "phonebook" "--init-groups"
                "--no-new-privs"
                "--bounding-set" capabilities
                "--inh-caps" capabilities
                "--ambient-caps" capabilities)
          command))

(define (phonebook-constructor command)
  (let ((start (make-forkexec-constructor
                command
                #:resource-limits '((nofile 65536 65536)))))
    (lambda arguments
      (make-phonebook-directory)
      (apply start arguments))))

(define phonebook-keeper
  (service
   '(phonebook-keeper)
   #:documentation "Hold what phonebookd must not lose."
   #:start (phonebook-constructor
            (as-phonebook "-all" "@SBINDIR@/phonebook-keeper"))
   #:stop (make-kill-destructor)
   #:respawn? #t))

;; The keeper is a requirement so that it is started first. A requirement that ends by itself is
;; respawned without stopping us; `herd stop phonebook-keeper` stops both, and loses the names.
(define phonebookd
  (service
   '(phonebookd)
   #:documentation "Give names to processes."
   #:requirement '(phonebook-keeper)
   #:start (phonebook-constructor
            (as-phonebook "-all,+net_admin,+net_broadcast" "@SBINDIR@/phonebookd"))
   #:stop (make-kill-destructor)
   #:respawn? #t))

(register-services (list phonebook-keeper phonebookd))
