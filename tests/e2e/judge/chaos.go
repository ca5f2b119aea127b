// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"math/rand"
	"time"

	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/cometbft/cometbft/types"
)

// ChaosVerdict is what came of killing a signer again and again.
type ChaosVerdict struct {
	Cycles           int            `json:"cycles"`
	ConflictingPairs int            `json:"conflicting_pairs"`
	Conflicts        []string       `json:"conflicts,omitempty"`
	Signatures       int            `json:"signatures"`
	Positions        int            `json:"positions"`
	Refused          int            `json:"refused"`
	KilledInRequest  int            `json:"killed_in_request"`
	KilledBefore     int            `json:"killed_before_a_request"`
	Damaged          map[string]int `json:"damaged"`
	RefusedStarts    map[string]int `json:"refused_starts"`
	OpenedDamaged    []string       `json:"opened_damaged,omitempty"`
	Unexpected       []string       `json:"unexpected,omitempty"`
	Heights          int64          `json:"heights"`
	Seconds          float64        `json:"seconds"`
}

// storm is the state of one chaos run: a chain of one watched key, and all signatures that left.
type storm struct {
	ChaosVerdict
	order  Order
	chance *rand.Rand
	node   *Node
	signed map[string][]string
	// chain is the newest height that is final; seen is the newest with a precommit of the key.
	chain, seen int64
	seenRound   int32
	// at is where the node is in the height it votes on.
	round int32
	step  int
	block string
}

// chaos kills the signer at random moments while votes are asked for, damages its record between
// two lives, and collects every signature that leaves.
func chaos(order Order) (any, error) {
	s := &storm{order: order, chance: rand.New(rand.NewSource(order.Random))}
	s.Damaged, s.RefusedStarts = map[string]int{}, map[string]int{}
	s.signed = map[string][]string{}
	s.chain = order.From
	nodeKey, err := keyOf(order.NodeSeed)
	if err != nil {
		return nil, err
	}
	listener, err := listen(order.Listen, nodeKey)
	if err != nil {
		return nil, err
	}
	if s.node, err = newNode(listener, order.ChainID); err != nil {
		return nil, err
	}
	defer s.node.stop()
	started := time.Now()
	next, err := spawn(order)
	if err != nil {
		return nil, err
	}
	damage := ""
	for s.Cycles = 0; s.Cycles < order.Cycles; s.Cycles++ {
		life := next
		// the next process is started early: loading the program is not what is tested
		if next, err = spawn(order); err != nil {
			return nil, err
		}
		if life, err = s.begin(life, damage); err != nil {
			return nil, err
		}
		s.live(life)
		if damage, err = s.damage(); err != nil {
			return nil, err
		}
	}
	next.kill()
	s.Positions = len(s.signed)
	s.Heights = s.chain - order.From
	s.Seconds = time.Since(started).Seconds()
	return s.ChaosVerdict, nil
}

// begin gives a process its order, and repairs the record if it refuses it.
func (s *storm) begin(life *life, damage string) (*life, error) {
	if err := life.feed(s.order, s.seen, s.seenRound, nil); err != nil {
		return nil, err
	}
	if s.chance.Intn(10) == 0 && damage == "" {
		return life, nil // it will be killed while it starts
	}
	code, running := s.connected(life)
	if running {
		if damage != "" {
			s.OpenedDamaged = append(s.OpenedDamaged, fmt.Sprintf("cycle %d: %s", s.Cycles, damage))
		}
		return life, nil
	}
	s.RefusedStarts[fmt.Sprint(code)]++
	if damage == "" {
		s.Unexpected = append(s.Unexpected, fmt.Sprintf("cycle %d: it ended with %d", s.Cycles, code))
	}
	again, err := spawn(s.order)
	if err != nil {
		return nil, err
	}
	above := s.chain + 1
	if err := again.feed(s.order, s.seen, s.seenRound, &above); err != nil {
		return nil, err
	}
	if code, running := s.connected(again); !running {
		return nil, fmt.Errorf("cycle %d: not repaired, it ended with %d", s.Cycles, code)
	}
	// this height is lost: ask for conflicts in it, then let the others finish it
	for turn := 0; turn < 4; turn++ {
		_ = s.ask(s.chain+1, s.round, 2+turn%2, "conflict")
	}
	s.finish(false)
	return again, nil
}

// connected waits for the signer to dial in; false and its exit code if it ended instead.
func (s *storm) connected(life *life) (int, bool) {
	for turn := 0; turn < 1000; turn++ {
		if err := s.node.WaitForConnection(20 * time.Millisecond); err == nil {
			return 0, true
		}
		if code, ended := life.ended(); ended {
			return code, false
		}
	}
	return -1, false
}

// live asks for votes until the signer is dead, which happens at a random moment.
func (s *storm) live(life *life) {
	delay := time.Duration(s.chance.Int63n(int64(25 * time.Millisecond)))
	if s.chance.Intn(20) == 0 {
		delay *= 10
	}
	go func() {
		time.Sleep(delay)
		life.kill()
	}()
	requests := 0
	for {
		// not left to the request itself, which would wait 3 s for a signer that is dead
		if err := s.node.WaitForConnection(10 * time.Millisecond); err == nil {
			if s.act() == nil {
				requests++
				continue
			}
			_ = s.node.Close()
		}
		if life.waitFor(time.Millisecond) {
			break
		}
	}
	life.wait()
	_ = s.node.Close()
	if requests > 0 {
		s.KilledInRequest++
	} else {
		s.KilledBefore++
	}
}

// act does what a node does next, or what it must not do.
func (s *storm) act() error {
	height := s.chain + 1
	switch dice := s.chance.Intn(100); {
	case dice < 55:
		return s.advance(height)
	case dice < 75: // another block at the same place
		return s.ask(height, s.round, max(s.step, 1), s.fresh())
	case dice < 85: // the same again
		return s.ask(height, s.round, max(s.step, 1), s.block)
	case dice < 93: // a step, round or height back
		return s.ask(height-int64(s.chance.Intn(2)), max(s.round-1, 0), 1+s.chance.Intn(3), s.fresh())
	default: // nil
		return s.ask(height, s.round, max(s.step, 2), "")
	}
}

func (s *storm) fresh() string { return fmt.Sprintf("block %d", s.chance.Int63()) }

func (s *storm) advance(height int64) error {
	switch s.step {
	case 0:
		s.block = s.fresh()
		s.step = 1 + s.chance.Intn(2)
	case 3:
		if s.chance.Intn(3) == 0 {
			s.round, s.step = s.round+1, 0
		} else {
			s.finish(s.block != "" && s.has(height, s.round, cmtproto.PrecommitType))
		}
		return nil
	default:
		s.step++
	}
	return s.ask(height, s.round, s.step, s.block)
}

// finish makes the height final, with our precommit in it or without.
func (s *storm) finish(ours bool) {
	s.chain++
	if ours {
		s.seen, s.seenRound = s.chain, s.round
	}
	s.round, s.step, s.block = 0, 0, ""
}

func (s *storm) has(height int64, round int32, kind cmtproto.SignedMsgType) bool {
	return len(s.signed[position(height, round, kind)]) > 0
}

func position(height int64, round int32, kind cmtproto.SignedMsgType) string {
	return fmt.Sprintf("%d/%d/%v", height, round, kind)
}

// ask makes one request and keeps the signature that comes back; an error is a lost connection.
func (s *storm) ask(height int64, round int32, step int, name string) error {
	later := time.Duration(s.chance.Intn(1000)) * time.Microsecond
	var signBytes, signature []byte
	var err error
	kind := cmtproto.ProposalType
	if step == 1 {
		p := proposal(height, round, name)
		p.Timestamp = p.Timestamp.Add(later)
		err = s.node.SignProposal(s.order.ChainID, p)
		signBytes, signature = types.ProposalSignBytes(s.order.ChainID, p), p.Signature
	} else {
		kind = cmtproto.SignedMsgType(step - 1)
		v := vote(kind, height, round, name)
		v.Timestamp = v.Timestamp.Add(later)
		err = s.node.SignVote(s.order.ChainID, v)
		signBytes, signature = types.VoteSignBytes(s.order.ChainID, v), v.Signature
	}
	if err != nil {
		if expectRemote(err) == nil {
			s.Refused++
			return nil
		}
		return err
	}
	return s.keep(position(height, round, kind), signBytes, signature)
}

// keep adds a signature to those that left, and counts it against all others at its place.
func (s *storm) keep(where string, signBytes, signature []byte) error {
	key, err := s.order.key()
	if err != nil {
		return err
	}
	if !key.PubKey().VerifySignature(signBytes, signature) {
		s.Unexpected = append(s.Unexpected, "a wrong signature at "+where)
		return errors.New("a wrong signature")
	}
	s.Signatures++
	for _, other := range s.signed[where] {
		if other == string(signBytes) {
			return nil
		}
		s.ConflictingPairs++
		s.Conflicts = append(s.Conflicts, fmt.Sprintf("%s: %x and %x", where, other, signBytes))
	}
	s.signed[where] = append(s.signed[where], string(signBytes))
	return nil
}
