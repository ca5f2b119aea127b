// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"path/filepath"
	"slices"
	"time"

	"github.com/cometbft/cometbft/crypto"
	"github.com/cometbft/cometbft/privval"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/cometbft/cometbft/types"
)

// Latency of signatures, in seconds, as the node sees it.
type Latency struct {
	Votes int     `json:"votes"`
	P50   float64 `json:"p50"`
	P90   float64 `json:"p90"`
	P99   float64 `json:"p99"`
	Max   float64 `json:"max"`
	Ping  float64 `json:"ping_p50,omitempty"`
}

type voter interface {
	SignVote(chainID string, vote *cmtproto.Vote) error
}

// latency times a prevote and a precommit for each height, one by one, over the wire.
func latency(order Order) (any, error) {
	node, err := openNode(order)
	if err != nil {
		return nil, err
	}
	defer node.stop()
	pubkey, err := node.GetPubKey()
	if err != nil {
		return nil, err
	}
	var pings []float64
	for turn := 0; turn < 200; turn++ {
		start := time.Now()
		if err := node.Ping(); err != nil {
			return nil, err
		}
		pings = append(pings, time.Since(start).Seconds())
	}
	result, err := timed(order, node, pubkey)
	if err == nil {
		slices.Sort(pings)
		result.Ping = pings[len(pings)/2]
	}
	return result, err
}

// fileLatency times CometBFT's file signer, which signs within the node's own process.
func fileLatency(order Order) (any, error) {
	key, err := order.key()
	if err != nil {
		return nil, err
	}
	file := privval.NewFilePV(
		key, filepath.Join(order.Folder, "key.json"), filepath.Join(order.Folder, "state.json"),
	)
	file.Save()
	return timed(order, file, key.PubKey())
}

func timed(order Order, signer voter, pubkey crypto.PubKey) (Latency, error) {
	var times []float64
	for height := order.From; height < order.From+int64(order.Rounds); height++ {
		for _, v := range []*cmtproto.Vote{prevote(height, 0, "a"), precommit(height, 0, "a")} {
			start := time.Now()
			err := signer.SignVote(order.ChainID, v)
			times = append(times, time.Since(start).Seconds())
			if err != nil {
				return Latency{}, err
			}
			if !pubkey.VerifySignature(types.VoteSignBytes(order.ChainID, v), v.Signature) {
				return Latency{}, errors.New("a signature is wrong")
			}
		}
	}
	slices.Sort(times)
	at := func(share float64) float64 {
		return times[min(len(times)-1, int(share*float64(len(times))))]
	}
	return Latency{Votes: len(times), P50: at(0.5), P90: at(0.9), P99: at(0.99), Max: times[len(times)-1]}, nil
}
