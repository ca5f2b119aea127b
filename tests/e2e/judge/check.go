// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand"
	"path/filepath"
	"time"

	"github.com/cosmos/gogoproto/proto"

	"github.com/cometbft/cometbft/crypto"
	"github.com/cometbft/cometbft/privval"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/cometbft/cometbft/types"
)

// Case is one thing a node did and whether the signer did what it must.
type Case struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail,omitempty"`
}

// Verdict of a check.
type Verdict struct {
	Cases    []Case `json:"cases"`
	Failed   int    `json:"failed"`
	Compared int    `json:"compared_with_file_signer"`
	Granted  int    `json:"granted"`
	Refused  int    `json:"refused"`
}

func (verdict *Verdict) add(name string, err error) {
	one := Case{Name: name, OK: err == nil}
	if err != nil {
		one.Detail = err.Error()
		verdict.Failed++
	}
	verdict.Cases = append(verdict.Cases, one)
}

// checker asks the signer and CometBFT's file signer the same and compares.
type checker struct {
	*Verdict
	node    *Node
	file    *privval.FilePV
	pubkey  crypto.PubKey
	chainID string
}

// check plays the directed cases, then random requests, against a signer whose record is empty.
func check(order Order) (any, error) {
	verdict := &Verdict{}
	if err := rawCases(order, verdict); err != nil {
		return nil, err
	}
	node, err := openNode(order)
	if err != nil {
		return nil, err
	}
	defer node.stop()
	key, err := order.key()
	if err != nil {
		return nil, err
	}
	file := privval.NewFilePV(
		key, filepath.Join(order.Folder, "key.json"), filepath.Join(order.Folder, "state.json"),
	)
	file.Save()
	c := &checker{verdict, node, file, key.PubKey(), order.ChainID}
	c.directed()
	c.random(rand.New(rand.NewSource(order.Random)), order.Rounds)
	return verdict, nil
}

func (c *checker) directed() {
	pubkey, err := c.node.GetPubKey()
	if err == nil && !pubkey.Equals(c.pubkey) {
		err = fmt.Errorf("another key: %v", pubkey)
	}
	c.add("gives its public key", err)
	c.add("answers a ping", c.node.Ping())

	c.grants("a proposal", c.askProposal(proposal(5, 0, "a")))
	c.grants("a prevote", c.askVote(prevote(5, 0, "a")))
	c.grants("the same prevote again", c.askVote(prevote(5, 0, "a")))
	later := prevote(5, 0, "a")
	later.Timestamp = later.Timestamp.Add(1234567 * time.Nanosecond)
	c.grants("the same prevote with a later time", c.askVote(later))
	c.add("  with the time of the first", sameTime(later, prevote(5, 0, "a")))
	c.refuses("a prevote for another block", c.askVote(prevote(5, 0, "b")))
	c.refuses("a prevote for nil after one for a block", c.askVote(prevote(5, 0, "")))
	parts := prevote(5, 0, "a")
	parts.BlockID.PartSetHeader.Total++
	c.refuses("a prevote that differs in the parts only", c.askVote(parts))
	c.refuses("a proposal after the prevote", c.askProposal(proposal(5, 0, "a")))
	c.grants("a precommit", c.askVote(precommit(5, 0, "a")))
	c.refuses("a step back", c.askVote(prevote(5, 0, "a")))
	c.refuses("a precommit for another block", c.askVote(precommit(5, 0, "b")))
	c.refuses("a precommit for nil", c.askVote(precommit(5, 0, "")))
	c.grants("the next round", c.askVote(prevote(5, 1, "b")))
	c.refuses("the round before", c.askVote(precommit(5, 0, "a")))
	c.refuses("the height before", c.askVote(precommit(4, 9, "a")))
	c.refuses("a proposal of the height before", c.askProposal(proposal(4, 0, "a")))
	c.grants("a nil precommit", c.askVote(precommit(5, 1, "")))

	c.grants("a proposal with a POL round", c.askProposal(polRound(proposal(6, 2, "c"), 1)))
	again := polRound(proposal(6, 2, "c"), 1)
	again.Timestamp = again.Timestamp.Add(time.Hour)
	c.grants("the same proposal with a later time", c.askProposal(again))
	c.refuses("a proposal for another block", c.askProposal(polRound(proposal(6, 2, "d"), 1)))
	c.refuses("a proposal with another POL round", c.askProposal(polRound(proposal(6, 2, "c"), 0)))

	extended := precommit(7, 0, "e")
	extended.Extension = []byte("what the application says")
	c.grants("a precommit with an extension", c.askVote(extended))
	c.add("  with a good extension signature", c.verifyExtension(extended))
	other := precommit(7, 0, "e")
	other.Extension = []byte("what it says at the second try")
	c.grants("the same precommit with another extension", c.askVote(other))
	c.add("  with a good extension signature", c.verifyExtension(other))
	wrong := prevote(8, 0, "e")
	wrong.Extension = []byte("not here")
	c.refuses("a prevote with an extension", c.askVote(wrong))
	nothing := precommit(8, 0, "")
	nothing.Extension = []byte("not here")
	c.refuses("a nil precommit with an extension", c.askVote(nothing))

	c.grants("a vote far ahead", c.askVote(prevote(1_000_000, 2147483647, "z")))
	c.wrongChain()
	c.unfit()
	c.reconnects()
}

func polRound(p *cmtproto.Proposal, round int32) *cmtproto.Proposal {
	p.PolRound = round
	return p
}

func sameTime(got, want *cmtproto.Vote) error {
	if !got.Timestamp.Equal(want.Timestamp) {
		return fmt.Errorf("%v instead of %v", got.Timestamp, want.Timestamp)
	}
	return nil
}

func (c *checker) wrongChain() {
	_, height := c.file.LastSignState, c.file.LastSignState.Height+1
	c.add("refuses votes of another chain",
		expectRemote(c.node.SignVote("another-chain", prevote(height, 0, "a"))))
	c.add("refuses proposals of another chain",
		expectRemote(c.node.SignProposal("another-chain", proposal(height, 0, "a"))))
	c.grants("signs for its own chain afterwards", c.askVote(prevote(height, 0, "a")))
}

// unfit asks what CometBFT's file signer panics at.
func (c *checker) unfit() {
	height := c.file.LastSignState.Height + 1
	short := prevote(height, 0, "a")
	short.BlockID.Hash = short.BlockID.Hash[:31]
	c.add("refuses a hash of 31 bytes", expectRemote(c.node.SignVote(c.chainID, short)))
	c.add("refuses a vote of an unknown type", expectRemote(
		c.node.SignVote(c.chainID, vote(cmtproto.ProposalType, height, 0, "a"))))
	c.add("refuses a vote at height 0", expectRemote(c.node.SignVote(c.chainID, prevote(0, 0, "a"))))
	c.add("refuses a negative height",
		expectRemote(c.node.SignVote(c.chainID, prevote(-1, 0, "a"))))
	c.add("refuses a negative round",
		expectRemote(c.node.SignVote(c.chainID, prevote(height, -1, "a"))))
	odd := proposal(height, 0, "a")
	odd.Type = cmtproto.PrevoteType
	c.add("refuses a proposal of another type", expectRemote(c.node.SignProposal(c.chainID, odd)))
	long := precommit(height, 0, "a")
	long.Extension = make([]byte, 10*1024-300)
	c.add("refuses what could not be answered", expectRemote(c.node.SignVote(c.chainID, long)))
	c.grants("signs afterwards", c.askVote(prevote(height, 0, "a")))
}

func (c *checker) reconnects() {
	height := c.file.LastSignState.Height + 1
	for turn := int64(0); turn < 3; turn++ {
		_ = c.node.Close()
		if err := c.node.WaitForConnection(5 * time.Second); err != nil {
			c.add("comes back after a cut", err)
			return
		}
		c.grants("signs after a cut", c.askVote(prevote(height+turn, 0, "a")))
	}
}

// random asks for anything around the last state, both signers the same.
func (c *checker) random(chance *rand.Rand, rounds int) {
	var err error
	for turn := 0; turn < rounds && err == nil; turn++ {
		last := c.file.LastSignState
		height := max(last.Height+int64(chance.Intn(5)/2)-int64(chance.Intn(6)/5), 1)
		round := int32(chance.Intn(3))
		if height == last.Height {
			round = max(last.Round+int32(chance.Intn(5)/2)-int32(chance.Intn(6)/5), 0)
			if last.Round > 2147483600 {
				round = last.Round
			}
		}
		name := []string{"", "a", "b"}[chance.Intn(3)]
		later := time.Duration(chance.Intn(3)) * time.Millisecond
		if chance.Intn(4) == 0 {
			p := polRound(proposal(height, round, name), int32(chance.Intn(3)-1))
			p.Timestamp = p.Timestamp.Add(later)
			_, err = c.askProposal(p)()
		} else {
			kind := cmtproto.SignedMsgType(1 + chance.Intn(2))
			v := vote(kind, height, round, name)
			v.Timestamp = v.Timestamp.Add(later)
			if chance.Intn(3) == 0 {
				v.Extension = []byte{byte(chance.Intn(256))}
			}
			_, err = c.askVote(v)()
		}
	}
	c.add("answers random requests as CometBFT's file signer does", err)
}

// ask is a request that is yet to be made; it says whether it was granted.
type ask func() (bool, error)

func (c *checker) grants(name string, request ask) {
	granted, err := request()
	if err == nil && !granted {
		err = errors.New("was refused")
	}
	c.add("grants "+name, err)
}

func (c *checker) refuses(name string, request ask) {
	granted, err := request()
	if err == nil && granted {
		err = errors.New("was granted")
	}
	c.add("refuses "+name, err)
}

func (c *checker) askVote(v *cmtproto.Vote) ask {
	return func() (bool, error) {
		twin := proto.Clone(v).(*cmtproto.Vote)
		ours, theirs := c.node.SignVote(c.chainID, v), c.file.SignVote(c.chainID, twin)
		if err := c.compare(ours, theirs, v, twin); err != nil || ours != nil {
			return false, err
		}
		if !c.pubkey.VerifySignature(types.VoteSignBytes(c.chainID, v), v.Signature) {
			return true, errors.New("the signature is wrong")
		}
		return true, nil
	}
}

func (c *checker) askProposal(p *cmtproto.Proposal) ask {
	return func() (bool, error) {
		twin := proto.Clone(p).(*cmtproto.Proposal)
		ours, theirs := c.node.SignProposal(c.chainID, p), c.file.SignProposal(c.chainID, twin)
		if err := c.compare(ours, theirs, p, twin); err != nil || ours != nil {
			return false, err
		}
		if !c.pubkey.VerifySignature(types.ProposalSignBytes(c.chainID, p), p.Signature) {
			return true, errors.New("the signature is wrong")
		}
		return true, nil
	}
}

// compare wants the same decision, and for a grant the same bytes, as the file signer's.
func (c *checker) compare(ours, theirs error, got, want proto.Message) error {
	c.Compared++
	if (ours == nil) != (theirs == nil) {
		return fmt.Errorf("signer: %v; CometBFT's file signer: %v (%v)", ours, theirs, got)
	}
	if ours != nil {
		c.Refused++
		return expectRemote(ours)
	}
	c.Granted++
	one, err := proto.Marshal(got)
	if err != nil {
		return err
	}
	two, err := proto.Marshal(want)
	if err != nil {
		return err
	}
	if !bytes.Equal(one, two) {
		return fmt.Errorf("signer %x, CometBFT's file signer %x", one, two)
	}
	return nil
}

func (c *checker) verifyExtension(v *cmtproto.Vote) error {
	if !c.pubkey.VerifySignature(types.VoteExtensionSignBytes(c.chainID, v), v.ExtensionSignature) {
		return errors.New("the extension signature is wrong")
	}
	return nil
}

// expectRemote wants a proper RemoteSignerError with words.
func expectRemote(err error) error {
	var remote *privval.RemoteSignerError
	switch {
	case err == nil:
		return errors.New("was granted")
	case !errors.As(err, &remote):
		return fmt.Errorf("not a RemoteSignerError: %w", err)
	case remote.Code == 0 || remote.Description == "":
		return fmt.Errorf("no code or no words: %v", remote)
	}
	return nil
}
