// SPDX-License-Identifier: Apache-2.0

package app

import (
	"fmt"
	"io"

	"cosmossdk.io/depinject"
	"cosmossdk.io/log"
	upgradekeeper "cosmossdk.io/x/upgrade/keeper"
	dbm "github.com/cosmos/cosmos-db"

	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/runtime"
	servertypes "github.com/cosmos/cosmos-sdk/server/types"
	stakingkeeper "github.com/cosmos/cosmos-sdk/x/staking/keeper"
)

// App is one node's application.
type App struct {
	*runtime.App

	codec   codec.Codec
	staking *stakingkeeper.Keeper
	upgrade *upgradekeeper.Keeper
}

// New puts the application together and, if asked, loads its latest state from db.
func New(
	logger log.Logger,
	db dbm.DB,
	trace io.Writer,
	loadLatest bool,
	options servertypes.AppOptions,
	baseOptions ...func(*baseapp.BaseApp),
) (*App, error) {
	var (
		app     = &App{}
		builder *runtime.AppBuilder
	)
	err := depinject.Inject(
		depinject.Configs(Config(), depinject.Supply(options, logger)),
		&builder, &app.codec, &app.staking, &app.upgrade,
	)
	if err != nil {
		return nil, fmt.Errorf("put the modules together: %w", err)
	}
	app.App = builder.Build(db, trace, baseOptions...)
	app.registerUpgrades()
	if err := app.Load(loadLatest); err != nil {
		return nil, fmt.Errorf("load the state: %w", err)
	}
	return app, nil
}
