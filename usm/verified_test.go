package usm_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"snmpstack/pdu"
	"snmpstack/usm"
)

type stillClock struct{}

func (stillClock) BootsTime() (boots, time int32) { return 1, 1 }

// The zero Verified is refused wherever one is taken.
func TestZeroVerified(t *testing.T) {
	const id = usm.EngineID("engine")
	m := usm.NewModel(usm.NewEngine(id, stillClock{}), usm.NewUsers(id, usm.Internal), usm.Internal, nil)
	w, buf := m.NewWorker(), make([]byte, 600)
	var v usm.Verified
	var s pdu.ScopedPDU
	if v.Valid() || v.SecurityName() != "" || v.SecurityLevel() != pdu.NoAuthNoPriv || v.Plaintext() != nil {
		t.Errorf("%v %q %v %x", v.Valid(), v.SecurityName(), v.SecurityLevel(), v.Plaintext())
	}
	var d pdu.Decoder
	if err := v.Decode(&d, &s); !errors.Is(err, usm.ErrUnverified) {
		t.Errorf("Decode: %v", err)
	}
	if b, err := m.GenerateResponse(w, buf, &v, 484, &s); b != nil || !errors.Is(err, usm.ErrUnverified) {
		t.Errorf("GenerateResponse: %x, %v", b, err)
	}
	if b, err := m.GenerateReportTo(w, buf, &v, 1, pdu.VarBind{}, 484); b != nil || !errors.Is(err, usm.ErrUnverified) {
		t.Errorf("GenerateReportTo: %x, %v", b, err)
	}
	if n := m.ResponseLen(&v, 100, 484); n > 200 {
		t.Errorf("ResponseLen: %d", n)
	}
}

// Nothing outside package usm can put a Verified together.
func TestVerifiedIsOpaque(t *testing.T) {
	v := reflect.TypeFor[usm.Verified]()
	for i := range v.NumField() {
		if f := v.Field(i); f.IsExported() {
			t.Errorf("Verified.%s can be set by anybody", f.Name)
		}
	}
	if v.NumField() == 0 {
		t.Error("Verified has no fields")
	}
}

// Inside it the verifiers alone do: no other function makes a Verified that is not
// zero or writes to a field of one, and each verifier has one way out with one.
func TestOnlyTheVerifierMakesVerified(t *testing.T) {
	verifiers := []string{"Model.ProcessIncoming", "Peer.ProcessIncoming"}
	fset := token.NewFileSet()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	// What is imported stays unknown; the types of this package do not need it.
	info := types.Info{Types: make(map[ast.Expr]types.TypeAndValue), Defs: make(map[*ast.Ident]types.Object), Uses: make(map[*ast.Ident]types.Object)}
	config := types.Config{Error: func(error) {}, Importer: noImporter{}}
	config.Check("usm", fset, files, &info)
	isVerified := func(e ast.Expr) bool {
		typ := info.TypeOf(e)
		if p, ok := typ.(*types.Pointer); ok {
			typ = p.Elem()
		}
		named, ok := typ.(*types.Named)
		return ok && named.Obj().Name() == "Verified"
	}

	makes, writes, exits := map[string]int{}, map[string]int{}, map[string]int{}
	for _, file := range files {
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok {
				ast.Inspect(decl, func(n ast.Node) bool {
					if lit, ok := n.(*ast.CompositeLit); ok && isVerified(lit) {
						t.Errorf("%v: a Verified outside of any function", fset.Position(lit.Pos()))
					}
					return true
				})
				continue
			}
			name := f.Name.Name
			if f.Recv != nil {
				name = strings.TrimPrefix(types.ExprString(f.Recv.List[0].Type), "*") + "." + name
			}
			written := func(e ast.Expr) {
				if s, ok := e.(*ast.SelectorExpr); ok && isVerified(s.X) {
					writes[name]++
				}
				if star, ok := e.(*ast.StarExpr); ok && isVerified(star.X) {
					writes[name]++
				}
			}
			ast.Inspect(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.CompositeLit:
					if isVerified(n) && len(n.Elts) > 0 {
						makes[name]++
					}
				case *ast.AssignStmt:
					for _, e := range n.Lhs {
						written(e)
					}
				case *ast.UnaryExpr:
					if n.Op == token.AND {
						written(n.X) // the address of a field
					}
				case *ast.ReturnStmt:
					if len(n.Results) == 2 && isVerified(n.Results[0]) {
						if lit, ok := n.Results[0].(*ast.CompositeLit); !ok || len(lit.Elts) > 0 {
							exits[name]++
						}
					}
				}
				return true
			})
		}
	}
	for what, where := range map[string]map[string]int{"makes": makes, "writes": writes, "returns": exits} {
		for name := range where {
			if !slices.Contains(verifiers, name) {
				t.Errorf("%s %s a Verified", name, what)
			}
		}
	}
	for _, name := range verifiers {
		if makes[name] != 1 || exits[name] != 1 || writes[name] == 0 {
			t.Errorf("%s makes a Verified in %d places, writes to it in %d and returns it in %d", name, makes[name], writes[name], exits[name])
		}
	}
}

type noImporter struct{}

func (noImporter) Import(string) (*types.Package, error) { return nil, errors.New("not imported") }

// A message that a Peer has taken from another engine is nothing to answer (RFC
// 3412 §7.2 (13) a).
func TestVerifiedElsewhere(t *testing.T) {
	const ours, theirs = usm.EngineID("our engine"), usm.EngineID("their engine")
	m := usm.NewModel(usm.NewEngine(ours, stillClock{}), usm.NewUsers(ours, usm.Internal), usm.Internal, nil)
	other := usm.NewModel(usm.NewEngine(theirs, stillClock{}), usm.NewUsers(theirs, usm.Internal), usm.Internal, nil)
	if err := other.Users().Add(usm.User{Name: "u"}); err != nil {
		t.Fatal(err)
	}
	w, buf := other.NewWorker(), make([]byte, 600)
	s := pdu.ScopedPDU{PDU: pdu.PDU{Kind: pdu.GetRequest}}
	b, err := other.GenerateRequest(w, buf, &usm.Request{MsgID: 1, MaxSize: 484, User: "u"}, &s)
	if err != nil {
		t.Fatal(err)
	}
	header, err := pdu.ReadHeader3(b, true)
	if err != nil {
		t.Fatal(err)
	}
	v, err := other.ProcessIncoming(w, b, header, true)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.GenerateResponse(w, make([]byte, 600), &v, 484, &s); !errors.Is(err, usm.ErrUnverified) {
		t.Errorf("GenerateResponse: %v", err)
	}
	if _, err := m.GenerateReportTo(w, make([]byte, 600), &v, 1, pdu.VarBind{}, 484); !errors.Is(err, usm.ErrUnverified) {
		t.Errorf("GenerateReportTo: %v", err)
	}
	defer func() {
		if recover() == nil {
			t.Error("a Model with the users of another engine")
		}
	}()
	usm.NewModel(usm.NewEngine(ours, stillClock{}), other.Users(), usm.Internal, nil)
}
