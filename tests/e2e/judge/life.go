// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/hex"
	"encoding/json"
	"io"
	"os/exec"
	"time"
)

// life is one process of the signer.
type life struct {
	command *exec.Cmd
	stdin   io.WriteCloser
	gone    chan struct{}
}

// spawn starts a signer that waits for its order.
func spawn(order Order) (*life, error) {
	command := exec.Command(order.Argv[0], order.Argv[1:]...)
	stdin, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	one := &life{command, stdin, make(chan struct{})}
	go func() {
		_ = command.Wait()
		close(one.gone)
	}()
	return one, nil
}

// feed gives it the plan and the key, as the app does.
func (life *life) feed(order Order, seen int64, seenRound int32, repairAbove *int64) error {
	var plan map[string]any
	if err := json.Unmarshal(order.Plan, &plan); err != nil {
		return err
	}
	if seen > 0 {
		plan["seen_height"], plan["seen_round"] = seen, seenRound
	}
	if repairAbove != nil {
		plan["repair_above"] = *repairAbove
	}
	line, err := json.Marshal(plan)
	if err != nil {
		return err
	}
	seed, err := hex.DecodeString(order.Seed)
	if err != nil {
		return err
	}
	if _, err := life.stdin.Write(append(append(line, '\n'), seed...)); err != nil {
		return err
	}
	return life.stdin.Close()
}

func (life *life) kill() {
	_ = life.command.Process.Kill()
	<-life.gone
}

func (life *life) wait() { <-life.gone }

func (life *life) waitFor(patience time.Duration) bool {
	select {
	case <-life.gone:
		return true
	case <-time.After(patience):
		return false
	}
}

func (life *life) ended() (int, bool) {
	select {
	case <-life.gone:
		return life.command.ProcessState.ExitCode(), true
	default:
		return 0, false
	}
}
