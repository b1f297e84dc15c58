package notify

import (
	"cmp"
	"context"
	"errors"
	"mime"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/nicholas-fedor/shoutrrr/pkg/services/email/smtp"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"

	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/internal/secret"
	"github.com/desksync/desksync/sync/alert"
)

// mailer sends e-mail, to each recipient by itself: where one address fails, the others
// get the message all the same.
type mailer struct {
	password secret.Text
	config   *url.URL // without a recipient
	to       []string
}

// encryptions are the library's words for ours.
var encryptions = map[string][2]string{
	"starttls": {"ExplicitTLS", "Yes"}, "implicit": {"ImplicitTLS", "No"}, "none": {"None", "No"},
}

func newMail(c Channel) (alert.Notifier, error) {
	tls, known := encryptions[cmp.Or(c.TLS, "starttls")]
	if !known {
		return nil, invalid("%q is no encryption of e-mail; write starttls, implicit or none", c.TLS)
	}
	for _, a := range append([]string{c.From}, c.To...) {
		if _, err := mail.ParseAddress(a); err != nil {
			return nil, invalid("%q is no e-mail address", a)
		}
	}
	if c.Host == "" || len(c.To) == 0 {
		return nil, invalid("e-mail needs a server and at least one recipient")
	}
	config := &url.URL{Scheme: smtp.Scheme, Host: c.Host + ":" + strconv.Itoa(cmp.Or(c.Port, 587)), Path: "/"}
	if c.User != "" {
		config.User = url.UserPassword(c.User, c.Password.Reveal())
	}
	config.RawQuery = url.Values{
		"fromaddress": {c.From}, "fromname": {"desksync"}, "encryption": {tls[0]}, "usestarttls": {tls[1]}, "requirestarttls": {tls[1]}, "timeout": {"15s"},
		"clienthost": {"auto"}, // servers refuse who says to be "localhost"
	}.Encode()
	return &mailer{password: c.Password, config: config, to: c.To}, nil
}

// Send mails the message to everyone. Who is not reached waits alone, unless nobody is.
func (s *mailer) Send(ctx context.Context, m alert.Message) error {
	var errs []error
	left := map[string]error{}
	for _, to := range s.to {
		if err := s.send(ctx, &m, to); err != nil {
			errs = append(errs, err)
			left[to] = failed(kindOf(err), err, s.password)
		}
	}
	switch len(errs) {
	case 0:
		return nil
	case len(s.to):
		return failed(hopeful(errs), errors.Join(errs...), s.password)
	default:
		return &alert.Partly{Left: left}
	}
}

// SendTo mails the message to one of them.
func (s *mailer) SendTo(ctx context.Context, m alert.Message, to string) error {
	if !slices.Contains(s.to, to) {
		return fault.New("notify.send", fault.NotFound, errors.New("the configuration has no such recipient any more"))
	}
	if err := s.send(ctx, &m, to); err != nil {
		return failed(kindOf(err), err, s.password)
	}
	return nil
}

// hopeful is the kind of the failures of several recipients: refused only if all were.
func hopeful(errs []error) fault.Kind {
	for _, err := range errs {
		if kind := kindOf(err); kind != fault.Invalid {
			return kind
		}
	}
	return fault.Invalid
}

func (s *mailer) send(ctx context.Context, m *alert.Message, to string) error {
	config := *s.config
	config.RawQuery += "&toaddresses=" + url.QueryEscape(to)
	service := new(smtp.Service)
	if err := service.Initialize(&config, nil); err != nil {
		return err
	}
	params := types.Params{"subject": mime.QEncoding.Encode("utf-8", subject(m))}
	return bounded(ctx, func() error {
		if err := service.Send(fold(m.Text())+"\n", &params); err != nil {
			return err
		}
		return nil
	})
}

// subject is one line: what others wrote must not add headers.
func subject(m *alert.Message) string {
	return "[desksync] " + m.Severity().String() + ": " + strings.Join(strings.Fields(m.Title()), " ")
}

// width is where lines of mail are broken; RFC 5322, section 2.1.1, allows 998 bytes.
const width = 100

// fold breaks lines between words.
func fold(text string) string {
	var b strings.Builder
	at := 0
	for i, word := range strings.Split(text, " ") {
		n := len([]rune(word))
		switch {
		case i == 0:
		case at+1+n > width:
			b.WriteByte('\n')
			at = 0
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		if at += n; strings.Contains(word, "\n") {
			at = len([]rune(word[strings.LastIndexByte(word, '\n')+1:]))
		}
	}
	return b.String()
}
