package org

import "fmt"

// Error is a refusal in Salesforce's words.
type Error struct {
	Code    string // such as INVALID_FIELD
	Message string
	Fields  []string // which are to blame, where the API says so
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

func refuse(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

const (
	lookAtDescribe = " Please reference your WSDL or the describe call for the appropriate names."
	appendC        = " If you are attempting to use a custom field, be sure to append the '__c' after the custom field name." + lookAtDescribe
	appendObjectC  = " If you are attempting to use a custom object, be sure to append the '__c' after the entity name." + lookAtDescribe
	appendR        = " If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name." + lookAtDescribe
)

// NotSupported is the refusal of an object that is not there, or not to be seen.
func NotSupported(object string) *Error {
	return refuse("INVALID_TYPE", "sObject type '%s' is not supported.%s", object, appendObjectC)
}

// NotFound is the refusal of a record, or a resource, that is not there.
func NotFound() *Error { return refuse("NOT_FOUND", "The requested resource does not exist") }
