// SPDX-License-Identifier: Apache-2.0

//go:build !v2

package app

// Release names this build.
const Release = "v1.0.0"

// registerUpgrades does nothing: the first release knows no upgrade and halts at the height of one.
func (*App) registerUpgrades() {}
