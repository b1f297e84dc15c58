package notify

import (
	"context"
	"errors"
	"io"
	"net"
	"net/textproto"
	"net/url"

	"github.com/desksync/desksync/internal/aside"
	"github.com/desksync/desksync/internal/fault"
)

// bounded runs a send of the library, which knows no context. Where ctx ends first, the
// send goes on by itself: it may still come through, and then the message comes twice.
func bounded(ctx context.Context, send func() error) error {
	_, err := aside.Do(ctx, func() (struct{}, error) { return struct{}{}, send() })
	return err
}

// kindOf tells what the network did from what the other end said, of which the library
// keeps no status.
func kindOf(err error) fault.Kind {
	if reply, ok := errors.AsType[*textproto.Error](err); ok {
		return ofReply(reply.Code)
	}
	_, dns := errors.AsType[*net.DNSError](err)
	_, op := errors.AsType[*net.OpError](err)
	_, get := errors.AsType[*url.Error](err)
	if dns || op || get || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fault.Unavailable
	}
	return fault.Unknown
}

// ofReply is what the reply of a mail server means; RFC 5321, section 4.2.1.
func ofReply(code int) fault.Kind {
	if code >= 500 {
		return fault.Invalid
	}
	return fault.Unavailable
}
