// Package net: this file stands in the place of KWOK's own pkg/utils/net/tunnel.go, which ends a tunnel only once both of its sides have
// ended theirs. So a client would never hear that the server behind a forwarded port has closed the connection, and the server would
// never hear that the client is gone, and keep its session and its locks.
package net

import (
	"context"
	"io"
	"time"
)

// How long the second side may still speak after the first has ended: what containerd allows.
const remainder = time.Second

// Tunnel copies between the two, in both directions, until one of them ends. The caller closes them. The buffers are KWOK's, for others
// to use as soon as this returns; a copy that is still under way then must not have them.
func Tunnel(ctx context.Context, c1, c2 io.ReadWriter, _, _ []byte) error {
	ended := make(chan error, 2)
	move := func(to io.Writer, from io.Reader) {
		_, err := io.Copy(to, from)
		// Who answers only to the end of what it is told hears it.
		if to, ok := to.(interface{ CloseWrite() error }); ok && err == nil {
			_ = to.CloseWrite()
		}
		ended <- err
	}
	go move(c2, c1)
	go move(c1, c2)
	var first error
	select {
	case <-ctx.Done():
		return nil
	case first = <-ended:
	}
	select {
	case <-ctx.Done():
	case <-ended:
	case <-time.After(remainder):
	}
	return first
}
