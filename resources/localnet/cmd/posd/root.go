// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"

	"cosmossdk.io/client/v2/autocli"
	"cosmossdk.io/depinject"
	"cosmossdk.io/log"
	cmtcfg "github.com/cometbft/cometbft/config"
	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/config"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/server"
	serverconfig "github.com/cosmos/cosmos-sdk/server/config"
	"github.com/cosmos/cosmos-sdk/types/module"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"oneclick/localnet/app"
)

// parts is what the command line needs of the application.
type parts struct {
	registry codectypes.InterfaceRegistry
	codec    codec.Codec
	amino    *codec.LegacyAmino
	tx       client.TxConfig
	basics   module.BasicManager
	autocli  autocli.AppOptions
}

func newRoot(home string) (*cobra.Command, error) {
	var p parts
	err := depinject.Inject(
		depinject.Configs(
			app.Config(),
			depinject.Supply(log.NewNopLogger()),
			depinject.Provide(ProvideClientContext),
		),
		&p.registry, &p.codec, &p.amino, &p.tx, &p.basics, &p.autocli,
	)
	if err != nil {
		return nil, fmt.Errorf("put the command line together: %w", err)
	}
	ctx := p.autocli.ClientCtx.WithHomeDir(home)

	root := &cobra.Command{
		Use:           "posd",
		Short:         "Node of the localnet",
		SilenceErrors: true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			cmd.SetOut(cmd.OutOrStdout())
			cmd.SetErr(cmd.ErrOrStderr())
			return prepare(cmd, ctx)
		},
	}
	addCommands(root, p, home)
	if err := p.autocli.EnhanceRootCommand(root); err != nil {
		return nil, fmt.Errorf("add the module commands: %w", err)
	}
	return root, nil
}

// prepare reads the settings in the node's home before a command runs.
func prepare(cmd *cobra.Command, ctx client.Context) error {
	ctx = ctx.WithCmdContext(cmd.Context())
	ctx, err := client.ReadPersistentCommandFlags(ctx, cmd.Flags())
	if err != nil {
		return err
	}
	if ctx, err = config.ReadFromClientConfig(ctx); err != nil {
		return err
	}
	if err := client.SetCmdClientContextHandler(ctx, cmd); err != nil {
		return err
	}
	settings := serverconfig.DefaultConfig()
	settings.MinGasPrices = "0.025" + app.Denom
	settings.StateSync.SnapshotInterval = 1000
	settings.StateSync.SnapshotKeepRecent = 2
	return server.InterceptConfigsPreRunHandler(
		cmd, serverconfig.DefaultConfigTemplate, settings, cmtcfg.DefaultConfig(),
	)
}

// ProvideClientContext makes the client context that module commands share.
func ProvideClientContext(
	cdc codec.Codec,
	registry codectypes.InterfaceRegistry,
	tx client.TxConfig,
	amino *codec.LegacyAmino,
) client.Context {
	return client.Context{}.
		WithCodec(cdc).
		WithInterfaceRegistry(registry).
		WithTxConfig(tx).
		WithLegacyAmino(amino).
		WithInput(os.Stdin).
		WithAccountRetriever(authtypes.AccountRetriever{}).
		WithBroadcastMode(flags.BroadcastSync).
		WithViper("POSD")
}
