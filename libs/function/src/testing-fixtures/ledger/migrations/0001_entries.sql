create table entry (id int primary key);
