// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/sha256"
	"time"

	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
)

var epoch = time.Date(2026, 1, 2, 3, 4, 5, 678_900_000, time.UTC)

func block(name string) cmtproto.BlockID {
	if name == "" {
		return cmtproto.BlockID{}
	}
	hash, parts := sha256.Sum256([]byte(name)), sha256.Sum256([]byte("parts of "+name))
	return cmtproto.BlockID{
		Hash:          hash[:],
		PartSetHeader: cmtproto.PartSetHeader{Total: uint32(len(name)), Hash: parts[:]},
	}
}

func vote(kind cmtproto.SignedMsgType, height int64, round int32, name string) *cmtproto.Vote {
	return &cmtproto.Vote{
		Type: kind, Height: height, Round: round, BlockID: block(name),
		Timestamp:        epoch.Add(time.Duration(height) * time.Second),
		ValidatorAddress: make([]byte, 20), ValidatorIndex: 3,
	}
}

func prevote(height int64, round int32, name string) *cmtproto.Vote {
	return vote(cmtproto.PrevoteType, height, round, name)
}

func precommit(height int64, round int32, name string) *cmtproto.Vote {
	return vote(cmtproto.PrecommitType, height, round, name)
}

func proposal(height int64, round int32, name string) *cmtproto.Proposal {
	return &cmtproto.Proposal{
		Type: cmtproto.ProposalType, Height: height, Round: round, PolRound: -1,
		BlockID: block(name), Timestamp: epoch.Add(time.Duration(height) * time.Second),
	}
}
