// SPDX-License-Identifier: Apache-2.0

// Judge plays a CometBFT node towards a remote signer, with CometBFT's own privval client, and
// says in JSON what the signer did. Its orders arrive as one JSON object on stdin.
package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"

	"github.com/cometbft/cometbft/crypto/ed25519"
)

// Order is what the judge is asked to do; each mode reads its own part.
type Order struct {
	Mode    string `json:"mode"`
	Listen  string `json:"listen"`
	ChainID string `json:"chain_id"`
	// Seed of the test key: the judge runs CometBFT's file signer with the same key.
	Seed string `json:"seed"`
	// NodeSeed is the key of the node's side of an encrypted connection.
	NodeSeed string `json:"node_seed"`
	Folder   string `json:"folder"`
	Random   int64  `json:"random"`
	Rounds   int    `json:"rounds"`
	From     int64  `json:"from"`
	// Wait is how many seconds the signer may take to dial in.
	Wait float64 `json:"wait"`

	// Chaos only.
	Cycles  int             `json:"cycles"`
	Argv    []string        `json:"argv"`
	Plan    json.RawMessage `json:"plan"`
	Journal string          `json:"journal"`
}

func (order Order) key() (ed25519.PrivKey, error) {
	return keyOf(order.Seed)
}

func keyOf(text string) (ed25519.PrivKey, error) {
	seed, err := hex.DecodeString(text)
	if err != nil || len(seed) != 32 {
		return nil, fmt.Errorf("a seed is 64 hex digits")
	}
	return ed25519.PrivKey(newEd25519(seed)), nil
}

func main() {
	var order Order
	if err := json.NewDecoder(os.Stdin).Decode(&order); err != nil {
		fail(err)
	}
	modes := map[string]func(Order) (any, error){
		"check":   check,
		"latency": latency,
		"file":    fileLatency,
		"chaos":   chaos,
	}
	mode, known := modes[order.Mode]
	if !known {
		fail(fmt.Errorf("no mode %q", order.Mode))
	}
	verdict, err := mode(order)
	if err != nil {
		fail(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(verdict); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "judge:", err)
	os.Exit(2)
}
