// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/binary"
	"os"
)

// The record's file: two slots, each with its number behind eight bytes of magic.
const (
	slotStride = 4096
	slotSize   = 512
	numberAt   = 8
)

var (
	oldCopy   []byte
	oldHeight int64
)

// damage does to the record what a power loss, a bad disk or a person does; "" for nothing.
func (s *storm) damage() (string, error) {
	path := s.order.Journal
	content, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return "", nil
	} else if err != nil {
		return "", err
	}
	before := bytes.Clone(content)
	newest, older := slots(content)
	kind := ""
	switch dice := s.chance.Intn(100); {
	case dice < 6:
		kind, content = "truncated", content[:s.chance.Intn(len(content))]
	case dice < 14:
		kind = "torn while the next was written"
		s.tear(content[older : older+slotSize])
	case dice < 22:
		kind = "torn newest"
		s.tear(content[newest : newest+slotSize])
	case dice < 26:
		kind = "one byte changed"
		content[[]int{newest, older}[s.chance.Intn(2)]+s.chance.Intn(slotSize)] ^= byte(1 + s.chance.Intn(255))
	case dice < 28:
		kind, content = "missing", nil
	case dice < 32 && oldCopy != nil && s.seen > oldHeight:
		kind, content = "an old copy put back", oldCopy
		oldCopy = nil
	case dice < 60:
		// what a copy made now may hold: nothing above the height that is voted on
		oldCopy, oldHeight = content, s.chain+1
		return "", nil
	}
	if kind == "" || bytes.Equal(content, before) {
		return "", nil
	}
	s.Damaged[kind]++
	if content == nil {
		return kind, os.Remove(path)
	}
	return kind, os.WriteFile(path, content, 0o600)
}

// tear leaves the first part of another record, as a write does that was cut short.
func (s *storm) tear(slot []byte) {
	s.chance.Read(slot[:1+s.chance.Intn(len(slot))])
}

func slots(content []byte) (newest, older int) {
	if binary.BigEndian.Uint64(content[numberAt:]) >
		binary.BigEndian.Uint64(content[slotStride+numberAt:]) {
		return 0, slotStride
	}
	return slotStride, 0
}
