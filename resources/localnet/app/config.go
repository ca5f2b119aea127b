// SPDX-License-Identifier: Apache-2.0

// Package app is the localnet: a small chain with the names, prefixes and commands of Omniphi.
package app

import (
	runtimev1alpha1 "cosmossdk.io/api/cosmos/app/runtime/v1alpha1"
	appv1alpha1 "cosmossdk.io/api/cosmos/app/v1alpha1"
	authmodulev1 "cosmossdk.io/api/cosmos/auth/module/v1"
	bankmodulev1 "cosmossdk.io/api/cosmos/bank/module/v1"
	consensusmodulev1 "cosmossdk.io/api/cosmos/consensus/module/v1"
	distrmodulev1 "cosmossdk.io/api/cosmos/distribution/module/v1"
	evidencemodulev1 "cosmossdk.io/api/cosmos/evidence/module/v1"
	genutilmodulev1 "cosmossdk.io/api/cosmos/genutil/module/v1"
	govmodulev1 "cosmossdk.io/api/cosmos/gov/module/v1"
	mintmodulev1 "cosmossdk.io/api/cosmos/mint/module/v1"
	slashingmodulev1 "cosmossdk.io/api/cosmos/slashing/module/v1"
	stakingmodulev1 "cosmossdk.io/api/cosmos/staking/module/v1"
	txconfigv1 "cosmossdk.io/api/cosmos/tx/config/v1"
	upgrademodulev1 "cosmossdk.io/api/cosmos/upgrade/module/v1"
	"cosmossdk.io/core/appconfig"
	"cosmossdk.io/depinject"
	_ "cosmossdk.io/x/evidence" // registers the module
	evidencetypes "cosmossdk.io/x/evidence/types"
	_ "cosmossdk.io/x/upgrade" // registers the module
	upgradetypes "cosmossdk.io/x/upgrade/types"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	_ "github.com/cosmos/cosmos-sdk/x/auth"           // registers the module
	_ "github.com/cosmos/cosmos-sdk/x/auth/tx/config" // registers the tx part
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	_ "github.com/cosmos/cosmos-sdk/x/bank" // registers the module
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	_ "github.com/cosmos/cosmos-sdk/x/consensus" // registers the module
	consensustypes "github.com/cosmos/cosmos-sdk/x/consensus/types"
	_ "github.com/cosmos/cosmos-sdk/x/distribution" // registers the module
	distrtypes "github.com/cosmos/cosmos-sdk/x/distribution/types"
	"github.com/cosmos/cosmos-sdk/x/genutil"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"
	"github.com/cosmos/cosmos-sdk/x/gov"
	govclient "github.com/cosmos/cosmos-sdk/x/gov/client"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	_ "github.com/cosmos/cosmos-sdk/x/mint" // registers the module
	minttypes "github.com/cosmos/cosmos-sdk/x/mint/types"
	_ "github.com/cosmos/cosmos-sdk/x/slashing" // registers the module
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"
	_ "github.com/cosmos/cosmos-sdk/x/staking" // registers the module
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
)

const (
	// Name is the name the node reports for its application.
	Name = "pos"
	// Denom is the one token: stake, fees and deposits are counted in it.
	Denom = "omniphi"
	// Prefix begins every account address.
	Prefix = "omni"
	// coinType is Ethereum's slip-44 number; the keys are plain secp256k1 all the same.
	coinType = 60
)

// SetUp fixes prefixes, coin type and denom of this process. It comes before everything else:
// the SDK reads them while the modules are put together.
func SetUp() {
	sdk.DefaultBondDenom = Denom
	config := sdk.GetConfig()
	config.SetBech32PrefixForAccount(Prefix, Prefix+"pub")
	config.SetBech32PrefixForValidator(Prefix+"valoper", Prefix+"valoperpub")
	config.SetBech32PrefixForConsensusNode(Prefix+"valcons", Prefix+"valconspub")
	config.SetCoinType(coinType)
	config.SetPurpose(44)
	config.Seal()
}

// Config says which modules the chain has and in which order they run.
func Config() depinject.Config {
	return depinject.Configs(
		appconfig.Compose(&appv1alpha1.Config{Modules: modules()}),
		depinject.Supply(map[string]module.AppModuleBasic{
			genutiltypes.ModuleName: genutil.NewAppModuleBasic(genutiltypes.DefaultMessageValidator),
			govtypes.ModuleName:     gov.NewAppModuleBasic([]govclient.ProposalHandler{}),
		}),
	)
}

func modules() []*appv1alpha1.ModuleConfig {
	return []*appv1alpha1.ModuleConfig{
		{Name: "runtime", Config: appconfig.WrapAny(order())},
		{Name: authtypes.ModuleName, Config: appconfig.WrapAny(&authmodulev1.Module{
			Bech32Prefix:             Prefix,
			ModuleAccountPermissions: accounts(),
		})},
		{Name: "tx", Config: appconfig.WrapAny(&txconfigv1.Config{})},
		{Name: banktypes.ModuleName, Config: appconfig.WrapAny(&bankmodulev1.Module{
			BlockedModuleAccountsOverride: []string{
				authtypes.FeeCollectorName,
				distrtypes.ModuleName,
				minttypes.ModuleName,
				stakingtypes.BondedPoolName,
				stakingtypes.NotBondedPoolName,
			},
		})},
		{Name: stakingtypes.ModuleName, Config: appconfig.WrapAny(&stakingmodulev1.Module{
			Bech32PrefixValidator: Prefix + "valoper",
			Bech32PrefixConsensus: Prefix + "valcons",
		})},
		{Name: slashingtypes.ModuleName, Config: appconfig.WrapAny(&slashingmodulev1.Module{})},
		{Name: distrtypes.ModuleName, Config: appconfig.WrapAny(&distrmodulev1.Module{})},
		{Name: minttypes.ModuleName, Config: appconfig.WrapAny(&mintmodulev1.Module{})},
		{Name: govtypes.ModuleName, Config: appconfig.WrapAny(&govmodulev1.Module{})},
		{Name: genutiltypes.ModuleName, Config: appconfig.WrapAny(&genutilmodulev1.Module{})},
		{Name: consensustypes.ModuleName, Config: appconfig.WrapAny(&consensusmodulev1.Module{})},
		{Name: evidencetypes.ModuleName, Config: appconfig.WrapAny(&evidencemodulev1.Module{})},
		{Name: upgradetypes.ModuleName, Config: appconfig.WrapAny(&upgrademodulev1.Module{})},
	}
}

func order() *runtimev1alpha1.Module {
	return &runtimev1alpha1.Module{
		AppName:     Name,
		PreBlockers: []string{upgradetypes.ModuleName, authtypes.ModuleName},
		BeginBlockers: []string{
			minttypes.ModuleName,
			distrtypes.ModuleName,
			slashingtypes.ModuleName,
			evidencetypes.ModuleName,
			stakingtypes.ModuleName,
		},
		EndBlockers: []string{govtypes.ModuleName, stakingtypes.ModuleName},
		// genutil delivers the genesis transactions: it comes after the modules they touch.
		InitGenesis: []string{
			authtypes.ModuleName,
			banktypes.ModuleName,
			distrtypes.ModuleName,
			stakingtypes.ModuleName,
			slashingtypes.ModuleName,
			govtypes.ModuleName,
			minttypes.ModuleName,
			genutiltypes.ModuleName,
			evidencetypes.ModuleName,
			consensustypes.ModuleName,
			upgradetypes.ModuleName,
		},
		OverrideStoreKeys: []*runtimev1alpha1.StoreKeyConfig{
			{ModuleName: authtypes.ModuleName, KvStoreKey: "acc"},
		},
		SkipStoreKeys: []string{"tx"},
	}
}

func accounts() []*authmodulev1.ModuleAccountPermission {
	return []*authmodulev1.ModuleAccountPermission{
		{Account: authtypes.FeeCollectorName},
		{Account: distrtypes.ModuleName},
		{Account: minttypes.ModuleName, Permissions: []string{authtypes.Minter}},
		{Account: stakingtypes.BondedPoolName, Permissions: []string{authtypes.Burner, stakingtypes.ModuleName}},
		{Account: stakingtypes.NotBondedPoolName, Permissions: []string{authtypes.Burner, stakingtypes.ModuleName}},
		{Account: govtypes.ModuleName, Permissions: []string{authtypes.Burner}},
	}
}
