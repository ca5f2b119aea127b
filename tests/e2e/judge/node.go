// SPDX-License-Identifier: Apache-2.0

package main

import (
	stded25519 "crypto/ed25519"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/cometbft/cometbft/crypto/ed25519"
	"github.com/cometbft/cometbft/libs/log"
	"github.com/cometbft/cometbft/privval"
)

func newEd25519(seed []byte) []byte { return stded25519.NewKeyFromSeed(seed) }

// listen opens the node's side of priv_validator_laddr, as node/setup.go does, except that the
// key of an encrypted connection is given, so that a signer can pin it.
func listen(address string, nodeKey ed25519.PrivKey) (net.Listener, error) {
	protocol, place, found := strings.Cut(address, "://")
	if !found {
		return nil, fmt.Errorf("no address: %q", address)
	}
	if protocol == "unix" {
		_ = os.Remove(place)
	}
	listener, err := net.Listen(protocol, place)
	if err != nil {
		return nil, err
	}
	if protocol == "unix" {
		return privval.NewUnixListener(listener), nil
	}
	return privval.NewTCPListener(listener, nodeKey), nil
}

// Node is CometBFT's client over an open listener.
type Node struct {
	*privval.SignerClient
	endpoint *privval.SignerListenerEndpoint
}

func newNode(listener net.Listener, chainID string) (*Node, error) {
	endpoint := privval.NewSignerListenerEndpoint(log.NewNopLogger(), listener)
	client, err := privval.NewSignerClient(endpoint, chainID)
	if err != nil {
		return nil, err
	}
	return &Node{client, endpoint}, nil
}

// openNode listens at the order's address and waits for the signer.
func openNode(order Order) (*Node, error) {
	nodeKey, err := keyOf(order.NodeSeed)
	if err != nil {
		return nil, err
	}
	listener, err := listen(order.Listen, nodeKey)
	if err != nil {
		return nil, err
	}
	node, err := newNode(listener, order.ChainID)
	if err != nil {
		return nil, err
	}
	patience := time.Duration(order.Wait * float64(time.Second))
	if err := node.WaitForConnection(patience); err != nil {
		node.stop()
		return nil, fmt.Errorf("no signer came: %w", err)
	}
	return node, nil
}

func (node *Node) stop() { _ = node.endpoint.Stop() }
