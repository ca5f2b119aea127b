// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"net"
	"os"
	"strings"
	"time"

	"github.com/cometbft/cometbft/libs/protoio"
	privvalproto "github.com/cometbft/cometbft/proto/tendermint/privval"
)

// rawCases speaks to the signer without CometBFT's client: what no node sends.
func rawCases(order Order, verdict *Verdict) error {
	if !strings.HasPrefix(order.Listen, "unix://") {
		return nil
	}
	path := strings.TrimPrefix(order.Listen, "unix://")
	_ = os.Remove(path)
	listener, err := net.Listen("unix", path)
	if err != nil {
		return err
	}
	defer listener.Close()
	unix := listener.(*net.UnixListener)

	ping, _ := protoio.MarshalDelimited(
		&privvalproto.Message{Sum: &privvalproto.Message_PingRequest{
			PingRequest: &privvalproto.PingRequest{}}})
	response, _ := protoio.MarshalDelimited(
		&privvalproto.Message{Sum: &privvalproto.Message_PingResponse{
			PingResponse: &privvalproto.PingResponse{}}})
	huge := append(binary.AppendUvarint(nil, 10*1024+1), make([]byte, 10*1024+1)...)
	endless := binary.AppendUvarint(nil, 1<<62)
	noise := make([]byte, 5000)
	rand.New(rand.NewSource(order.Random)).Read(noise)
	noise[0] = 100

	closes := map[string][]byte{
		"a message above 10 KiB":          huge,
		"a length of 2^62":                endless,
		"a length without end":            bytes.Repeat([]byte{0xff}, 40),
		"noise":                           noise,
		"an empty message":                {0},
		"an answer instead of a request":  response,
		"a request cut inside":            {4, 0x1a, 0x20, 1, 2},
		"a message with an unknown field": {2, 0x7a, 0},
		"a group":                         {2, 0x0b, 0x0c},
		"the same request field twice":    append([]byte{4}, append(ping[1:], ping[1:]...)...),
	}
	for name, content := range closes {
		verdict.add("closes the connection at "+name, closed(unix, content))
	}
	verdict.add("waits for the rest of a message", inPieces(unix, ping, response))
	verdict.add("answers two requests in one piece", exchange(unix,
		append(append([]byte{}, ping...), ping...), append(append([]byte{}, response...), response...)))
	verdict.add("leaves a half-closed connection", halfClosed(unix, nil, nil))
	verdict.add("answers before it leaves a half-closed connection", halfClosed(unix, ping, response))
	verdict.add("leaves a connection half-closed within a message", halfClosed(unix, ping[:1], nil))
	verdict.add("survives a connection that is cut at once", cutAtOnce(unix))
	verdict.add("answers afterwards", exchange(unix, ping, response))
	return nil
}

func accept(listener *net.UnixListener) (*net.UnixConn, error) {
	_ = listener.SetDeadline(time.Now().Add(20 * time.Second))
	conn, err := listener.AcceptUnix()
	if err != nil {
		return nil, fmt.Errorf("it did not come back: %w", err)
	}
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	return conn, nil
}

func closed(listener *net.UnixListener, content []byte) error {
	conn, err := accept(listener)
	if err != nil {
		return err
	}
	defer conn.Close()
	_, _ = conn.Write(content)
	return ended(conn)
}

// ended wants the end of the stream without another byte.
func ended(conn net.Conn) error {
	rest, err := io.ReadAll(conn)
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return errors.New("the connection stays open")
	}
	if len(rest) > 0 {
		return fmt.Errorf("it answered %x", rest)
	}
	return nil
}

func exchange(listener *net.UnixListener, request, answer []byte) error {
	conn, err := accept(listener)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.Write(request); err != nil {
		return err
	}
	return expect(conn, answer)
}

func expect(conn net.Conn, answer []byte) error {
	got := make([]byte, len(answer))
	if _, err := io.ReadFull(conn, got); err != nil {
		return err
	}
	if !bytes.Equal(got, answer) {
		return fmt.Errorf("got %x", got)
	}
	return nil
}

func inPieces(listener *net.UnixListener, request, answer []byte) error {
	conn, err := accept(listener)
	if err != nil {
		return err
	}
	defer conn.Close()
	for _, piece := range request {
		if _, err := conn.Write([]byte{piece}); err != nil {
			return err
		}
		time.Sleep(50 * time.Millisecond)
	}
	return expect(conn, answer)
}

func halfClosed(listener *net.UnixListener, request, answer []byte) error {
	conn, err := accept(listener)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.Write(request); err != nil {
		return err
	}
	if err := conn.CloseWrite(); err != nil {
		return err
	}
	if err := expect(conn, answer); err != nil {
		return err
	}
	return ended(conn)
}

func cutAtOnce(listener *net.UnixListener) error {
	for turn := 0; turn < 5; turn++ {
		conn, err := accept(listener)
		if err != nil {
			return err
		}
		_ = conn.Close()
	}
	return nil
}
