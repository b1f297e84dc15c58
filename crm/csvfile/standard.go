package csvfile

// standardNames are fields that every Salesforce organization has, as the API
// spells them: exports that write headers in capitals are read under these names.
var standardNames = []string{
	"Id", "AccountId", "ParentId", "ContactId", "OwnerId", "MasterRecordId", "RecordTypeId", "IsDeleted",
	"Name", "FirstName", "LastName", "Salutation", "Type", "Industry", "Rating", "Ownership", "TickerSymbol",
	"AccountNumber", "AccountSource", "AnnualRevenue", "NumberOfEmployees", "Description", "Site", "Sic", "SicDesc",
	"Website", "Phone", "Fax", "MobilePhone", "HomePhone", "OtherPhone", "AssistantPhone", "AssistantName",
	"Email", "Title", "Department", "Birthdate", "LeadSource", "ReportsToId", "IsEmailBounced",
	"EmailBouncedDate", "EmailBouncedReason", "HasOptedOutOfEmail", "HasOptedOutOfFax", "DoNotCall",
	"BillingStreet", "BillingCity", "BillingState", "BillingPostalCode", "BillingCountry",
	"ShippingStreet", "ShippingCity", "ShippingState", "ShippingPostalCode", "ShippingCountry",
	"MailingStreet", "MailingCity", "MailingState", "MailingPostalCode", "MailingCountry",
	"CurrencyIsoCode", "CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp",
	"LastActivityDate", "Jigsaw", "JigsawCompanyId", "Tier", "IsPersonAccount", "PersonContactId",
	"IsActive", "IsDirect", "Roles", "StartDate", "EndDate", "Status", "Quantity", "Product2Id", "UsageEndDate",
	"Owner.Name", "Owner.Email", "Parent.Name", "Account.Name", "RecordType.Name", "RecordType.DeveloperName",
	"TeamMemberRole", "AccountAccessLevel", "UserId", "User.Name", "User.Email", "PersonEmail",
}
