//go:build minimal

// What Vault's own minimal build has, and storage in MySQL, which it has only with everything else.
package command

import (
	_ "github.com/hashicorp/vault/helper/builtinplugins"
	"github.com/hashicorp/vault/physical/mysql"
)

func extendAddonHandlers(handlers *vaultHandlers) {
	handlers.physicalBackends["mysql"] = mysql.NewMySQLBackend
}
