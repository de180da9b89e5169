// usage: go NAME INTERFACE
//
// Holds the name, and registers it again after phonebookd was away.
//
//	go run go.go www eth0
package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"strings"
	"time"
)

// Connects, registers, and returns when the connection ends. The name is there until then.
func hold(path, name, iface string) error {
	connection, err := net.Dial("unix", path)
	if err != nil {
		return err
	}
	defer connection.Close()
	if _, err := fmt.Fprintf(connection, "%s %s\n", name, iface); err != nil {
		return err
	}
	reader := bufio.NewReader(connection)
	reply, err := reader.ReadString('\n')
	if err != nil {
		return err
	}
	fmt.Print(reply)
	if !strings.HasPrefix(reply, "ok ") {
		return fmt.Errorf("refused")
	}
	_, err = reader.ReadByte() // phonebookd says nothing more
	return err
}

func main() {
	if len(os.Args) != 3 {
		os.Exit(100)
	}
	runtime := os.Getenv("PHONEBOOK_RUNTIME")
	if runtime == "" {
		runtime = "/run/phonebook"
	}
	for {
		err := hold(runtime+"/publish", os.Args[1], os.Args[2])
		fmt.Fprintln(os.Stderr, "phonebookd:", err)
		time.Sleep(time.Second)
	}
}
