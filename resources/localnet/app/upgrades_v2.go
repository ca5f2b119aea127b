// SPDX-License-Identifier: Apache-2.0

//go:build v2

package app

import (
	"context"

	upgradetypes "cosmossdk.io/x/upgrade/types"

	"github.com/cosmos/cosmos-sdk/types/module"
)

// Release names this build.
const Release = "v2.0.0"

// registerUpgrades lets this release carry the chain over the upgrade "v2".
func (a *App) registerUpgrades() {
	migrate := func(ctx context.Context, _ upgradetypes.Plan, from module.VersionMap) (module.VersionMap, error) {
		return a.ModuleManager.RunMigrations(ctx, a.Configurator(), from)
	}
	a.upgrade.SetUpgradeHandler("v2", migrate)
}
