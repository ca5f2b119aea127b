// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"

	"cosmossdk.io/log"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/debug"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/client/keys"
	"github.com/cosmos/cosmos-sdk/client/pruning"
	"github.com/cosmos/cosmos-sdk/client/rpc"
	"github.com/cosmos/cosmos-sdk/client/snapshot"
	"github.com/cosmos/cosmos-sdk/server"
	servertypes "github.com/cosmos/cosmos-sdk/server/types"
	authcmd "github.com/cosmos/cosmos-sdk/x/auth/client/cli"
	genutilcli "github.com/cosmos/cosmos-sdk/x/genutil/client/cli"

	"oneclick/localnet/app"
)

func addCommands(root *cobra.Command, p parts, home string) {
	root.AddCommand(
		genutilcli.InitCmd(p.basics, home),
		genutilcli.Commands(p.tx, p.basics, home),
		debug.Cmd(),
		pruning.Cmd(create, home),
		snapshot.Cmd(create),
		server.StatusCommand(),
		queryCommand(),
		txCommand(),
		keys.Commands(),
	)
	server.AddCommandsWithStartCmdOptions(root, home, create, export, server.StartCmdOptions{})
}

func queryCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:                        "query",
		Aliases:                    []string{"q"},
		Short:                      "Ask the chain",
		SuggestionsMinimumDistance: 2,
		RunE:                       client.ValidateCmd,
	}
	cmd.AddCommand(
		rpc.WaitTxCmd(),
		server.QueryBlockCmd(),
		server.QueryBlocksCmd(),
		server.QueryBlockResultsCmd(),
		authcmd.QueryTxCmd(),
		authcmd.QueryTxsByEventsCmd(),
	)
	return cmd
}

func txCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:                        "tx",
		Short:                      "Make, sign and send transactions",
		SuggestionsMinimumDistance: 2,
		RunE:                       client.ValidateCmd,
	}
	cmd.AddCommand(
		authcmd.GetSignCommand(),
		authcmd.GetSignBatchCommand(),
		authcmd.GetMultiSignCommand(),
		authcmd.GetValidateSignaturesCommand(),
		authcmd.GetBroadcastCommand(),
		authcmd.GetEncodeCommand(),
		authcmd.GetDecodeCommand(),
		authcmd.GetSimulateCmd(),
	)
	cmd.PersistentFlags().String(flags.FlagChainID, "", "chain id of the network")
	return cmd
}

func create(logger log.Logger, db dbm.DB, trace io.Writer, options servertypes.AppOptions) servertypes.Application {
	node, err := app.New(logger, db, trace, true, options, server.DefaultBaseappOptions(options)...)
	if err != nil {
		panic(err) // the SDK's signature leaves no other way
	}
	return node
}

func export(
	logger log.Logger,
	db dbm.DB,
	trace io.Writer,
	height int64,
	forZeroHeight bool,
	_ []string,
	options servertypes.AppOptions,
	modules []string,
) (servertypes.ExportedApp, error) {
	node, err := app.New(logger, db, trace, height == -1, options)
	if err != nil {
		return servertypes.ExportedApp{}, err
	}
	if height != -1 {
		if err := node.LoadHeight(height); err != nil {
			return servertypes.ExportedApp{}, fmt.Errorf("load height %d: %w", height, err)
		}
	}
	return node.Export(forZeroHeight, modules)
}
