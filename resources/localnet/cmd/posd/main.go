// SPDX-License-Identifier: Apache-2.0

// Command posd is the node program of the localnet.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	svrcmd "github.com/cosmos/cosmos-sdk/server/cmd"
	"github.com/cosmos/cosmos-sdk/version"

	"oneclick/localnet/app"
)

func main() {
	version.Name, version.AppName, version.Version = app.Name, "posd", app.Release
	app.SetUp()
	home, err := defaultHome()
	if err == nil {
		err = run(home)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(home string) error {
	root, err := newRoot(home)
	if err != nil {
		return err
	}
	return svrcmd.Execute(root, "", home)
}

func defaultHome() (string, error) {
	user, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find the home folder: %w", err)
	}
	return filepath.Join(user, ".pos"), nil
}
